package dev.kvserver.benchmarks.load.http2;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.collection.LongObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the header blocks of one connection's responses.
 * <p>
 * The same two blocks come with nearly every reply, and after the first time they consist
 * of references into the tables of HPACK only. Such a block leaves the tables as they
 * are, so it means the same until a block comes that changes them: its meaning is
 * remembered by its bytes. Everything else is left to Netty's decoder. A remembered block
 * has up to eight bytes, each of them a whole reference (above 0x80, and not 0xff, which
 * goes on in the next byte), so the bytes themselves make the key.
 */
final class ResponseHeads {

	private static final int REMEMBERED_BYTES_MAX = Long.BYTES;

	private static final int REMEMBERED_MAX = 256;

	private static final long HEADER_LIST_BYTES_MAX = 1024 * 1024;

	private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, HEADER_LIST_BYTES_MAX);

	private final LongObjectHashMap<ResponseHead> remembered = new LongObjectHashMap<>();

	/**
	 * Decodes a block. Every block of the connection has to pass here, in order.
	 * @throws Http2Exception if it is no header block; the connection is then of no use
	 */
	ResponseHead decode(int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		long key = keyOf(bytes, from, to);
		if (key == 0) {
			this.remembered.clear();
			return decodeAnew(streamId, bytes, from, to);
		}
		ResponseHead head = this.remembered.get(key);
		if (head == null) {
			head = decodeAnew(streamId, bytes, from, to);
			if (this.remembered.size() < REMEMBERED_MAX) {
				this.remembered.put(key, head);
			}
		}
		return head;
	}

	/** The bytes as a number; 0 if the block is not to be remembered. */
	private static long keyOf(byte[] bytes, int from, int to) {
		if (to - from > REMEMBERED_BYTES_MAX) {
			return 0;
		}
		long key = 0;
		for (int i = from; i < to; i++) {
			if (bytes[i] >= 0 || bytes[i] == (byte) 0xff) {
				return 0;
			}
			key = key << 8 | (bytes[i] & 0xff);
		}
		return key;
	}

	private ResponseHead decodeAnew(int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		ByteBuf block = Unpooled.wrappedBuffer(bytes, from, to - from);
		Http2Headers headers = this.decoder.decodeHeaders(streamId, block);
		CharSequence grpcMessage = headers.get("grpc-message", "");
		return new ResponseHead(number(headers.status(), 0), number(headers.get("grpc-status"), -1),
				percentDecoded(grpcMessage.toString()));
	}

	private static int number(@Nullable CharSequence text, int absent) {
		return (text == null) ? absent : Integer.parseInt(text.toString());
	}

	/** Undoes what gRPC does to bytes outside of printable ASCII. */
	static String percentDecoded(String text) {
		if (text.indexOf('%') < 0) {
			return text;
		}
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
		int at = 0;
		while (at < text.length()) {
			boolean escape = text.charAt(at) == '%' && text.length() - at > 2
					&& Character.digit(text.charAt(at + 1), 16) >= 0 && Character.digit(text.charAt(at + 2), 16) >= 0;
			bytes.write(escape ? Integer.parseInt(text, at + 1, at + 3, 16) : text.charAt(at));
			at += escape ? 3 : 1;
		}
		return bytes.toString(StandardCharsets.UTF_8);
	}

}
