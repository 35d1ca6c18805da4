package dev.kvserver.benchmarks.load.http2;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * Makes the header blocks of one connection's requests, as short as any client makes
 * them: what was sent once is in HPACK's dynamic table and is referred to from then on,
 * with one byte. All that is ever sent fits into the table of 4 KiB that a server has
 * before it says otherwise, so nothing is ever dropped from it.
 * <p>
 * The table counts from its youngest entry, so a reference changes whenever an entry is
 * added:
 *
 * <pre>
 * sent so far   a        62 is a
 *               a b      62 is b, 63 is a
 * </pre>
 *
 * Blocks are therefore kept ready made only as long as nothing is added.
 */
final class RequestHeads {

	private static final int METHOD_POST = 0x80 | 3;

	private static final int SCHEME_HTTP = 0x80 | 6;

	private static final int NAME_AUTHORITY = 1;

	private static final int NAME_PATH = 4;

	private static final int NAME_CONTENT_TYPE = 31;

	private static final int NAME_USER_AGENT = 58;

	private static final int NAME_NEW = 0;

	private static final int DYNAMIC_FIRST = 62;

	private static final int REFERENCE = 0x80;

	private static final int ADDED = 0x40;

	private final String authority;

	/** What was added to the dynamic table, oldest first, as name and value. */
	private final List<String> added = new ArrayList<>();

	private final Map<Rpc, byte[]> ready = new EnumMap<>(Rpc.class);

	/**
	 * Makes the blocks for one connection.
	 * @param authority host and port of the server
	 */
	RequestHeads(String authority) {
		this.authority = authority;
	}

	/**
	 * The block of the next request. It has to be sent, or the server's table is no
	 * longer ours.
	 * @return the bytes, not to be changed
	 */
	byte[] block(Rpc rpc) {
		byte[] block = this.ready.get(rpc);
		return (block != null) ? block : make(rpc);
	}

	private byte[] make(Rpc rpc) {
		int before = this.added.size();
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(METHOD_POST);
		out.write(SCHEME_HTTP);
		field(out, NAME_PATH, ":path", rpc.path());
		field(out, NAME_AUTHORITY, ":authority", this.authority);
		field(out, NAME_CONTENT_TYPE, "content-type", "application/grpc");
		field(out, NAME_NEW, "te", "trailers");
		field(out, NAME_USER_AGENT, "user-agent", "grpc-load/1");
		byte[] block = out.toByteArray();
		if (this.added.size() == before) {
			this.ready.put(rpc, block);
		}
		else {
			this.ready.clear();
		}
		return block;
	}

	private void field(ByteArrayOutputStream out, int staticName, String name, String value) {
		String entry = name + '\n' + value;
		int number = this.added.indexOf(entry);
		if (number >= 0) {
			out.write(REFERENCE | DYNAMIC_FIRST + this.added.size() - 1 - number);
			return;
		}
		out.write(ADDED | staticName);
		if (staticName == NAME_NEW) {
			string(out, name);
		}
		string(out, value);
		this.added.add(entry);
	}

	/** Without Huffman's code; all strings here have less than 127 bytes. */
	private static void string(ByteArrayOutputStream out, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
		out.write(bytes.length);
		out.writeBytes(bytes);
	}

}
