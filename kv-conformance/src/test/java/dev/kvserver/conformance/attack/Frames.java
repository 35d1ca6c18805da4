package dev.kvserver.conformance.attack;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Frames of HTTP/2 (RFC 9113) as bytes, sensible or not. */
final class Frames {

	static final int DATA = 0;

	static final int HEADERS = 1;

	static final int PRIORITY = 2;

	static final int RST_STREAM = 3;

	static final int SETTINGS = 4;

	static final int PING = 6;

	static final int WINDOW_UPDATE = 8;

	static final int CONTINUATION = 9;

	static final int END_STREAM = 1;

	static final int END_HEADERS = 4;

	static final byte[] CANCEL = { 0, 0, 0, 8 };

	private static final int HEAD_BYTES = 9;

	private static final int LITERAL_PREFIX_MAX = 127;

	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	/** The beginning of a connection. */
	static Frames preface() {
		Frames frames = new Frames();
		frames.bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		return frames.add(SETTINGS, 0, 0);
	}

	Frames add(int type, int flags, int stream, byte... payload) {
		this.bytes.writeBytes(ByteBuffer.allocate(HEAD_BYTES + payload.length)
			.putShort((short) (payload.length >> 8))
			.put((byte) payload.length)
			.put((byte) type)
			.put((byte) flags)
			.putInt(stream)
			.put(payload)
			.array());
		return this;
	}

	/** The head of a gRPC call, left open. */
	Frames call(int stream, String path, String... more) {
		return add(HEADERS, END_HEADERS, stream, head(path, more));
	}

	/** A message of a call, in frames of the size that every peer takes. */
	Frames message(int stream, boolean compressed, byte[] message) {
		byte[] delimited = ByteBuffer.allocate(5 + message.length)
			.put((byte) (compressed ? 1 : 0))
			.putInt(message.length)
			.put(message)
			.array();
		for (int from = 0; from < delimited.length; from += 1 << 14) {
			int to = Math.min(delimited.length, from + (1 << 14));
			add(DATA, (to == delimited.length) ? END_STREAM : 0, stream, Arrays.copyOfRange(delimited, from, to));
		}
		return this;
	}

	byte[] toBytes() {
		return this.bytes.toByteArray();
	}

	static byte[] head(String path, String... more) {
		ByteArrayOutputStream block = new ByteArrayOutputStream();
		literals(block, ":method", "POST", ":scheme", "http", ":path", path, ":authority", "test", "te", "trailers",
				"content-type", "application/grpc");
		literals(block, more);
		return block.toByteArray();
	}

	private static void literals(ByteArrayOutputStream block, String... namesAndValues) {
		for (int i = 0; i < namesAndValues.length; i += 2) {
			block.write(0);
			literal(block, namesAndValues[i]);
			literal(block, namesAndValues[i + 1]);
		}
	}

	/** Without Huffman; the length begins with seven bits (RFC 7541, section 5.1). */
	private static void literal(ByteArrayOutputStream block, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
		if (bytes.length < LITERAL_PREFIX_MAX) {
			block.write(bytes.length);
		}
		else {
			block.write(LITERAL_PREFIX_MAX);
			int rest = bytes.length - LITERAL_PREFIX_MAX;
			for (; rest >= 128; rest >>= 7) {
				block.write((rest & 127) | 128);
			}
			block.write(rest);
		}
		block.writeBytes(bytes);
	}

}
