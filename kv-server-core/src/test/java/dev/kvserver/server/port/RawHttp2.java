package dev.kvserver.server.port;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 frame by frame, for peers that do what no client library would. Nothing happens
 * by itself: no acknowledgement, no flow control, but from the start the server may send
 * 2 GiB.
 */
final class RawHttp2 implements AutoCloseable {

	static final int DATA = 0;

	static final int HEADERS = 1;

	static final int RST_STREAM = 3;

	static final int SETTINGS = 4;

	static final int PING = 6;

	static final int GOAWAY = 7;

	private static final int WINDOW_UPDATE = 8;

	static final int CONTINUATION = 9;

	private static final byte INITIAL_WINDOW_SIZE = 4;

	static final int ACK = 1;

	static final int END_STREAM = 1;

	static final int END_HEADERS = 4;

	private static final int FRAME_HEADER_BYTES = 9;

	private final RawConnection connection;

	private final DefaultHttp2HeadersDecoder headersDecoder = new DefaultHttp2HeadersDecoder();

	RawHttp2(int port) throws IOException {
		this(new RawConnection(port));
	}

	RawHttp2(RawConnection connection) throws IOException {
		this.connection = connection;
		this.connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
		frame(SETTINGS, 0, 0, (byte) 0, INITIAL_WINDOW_SIZE, (byte) 127, (byte) -1, (byte) -1, (byte) -1);
		frame(WINDOW_UPDATE, 0, 0, (byte) 127, (byte) 0, (byte) 0, (byte) 0);
	}

	RawHttp2 frame(int type, int flags, int stream, byte... payload) throws IOException {
		this.connection.send(bytes(type, flags, stream, payload));
		return this;
	}

	/**
	 * Many frames in one write.
	 */
	RawHttp2 frames(byte[]... frames) throws IOException {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		for (byte[] frame : frames) {
			all.writeBytes(frame);
		}
		this.connection.send(all.toByteArray());
		return this;
	}

	static byte[] bytes(int type, int flags, int stream, byte... payload) {
		return ByteBuffer.allocate(FRAME_HEADER_BYTES + payload.length)
			.putShort((short) (payload.length >> 8))
			.put((byte) payload.length)
			.put((byte) type)
			.put((byte) flags)
			.putInt(stream)
			.put(payload)
			.array();
	}

	RawHttp2 ping(long data) throws IOException {
		return frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(data).array());
	}

	/**
	 * The head of a gRPC call, left open.
	 */
	RawHttp2 call(int stream, String path, String... more) throws IOException {
		return frame(HEADERS, END_HEADERS, stream, grpcHead(path, more));
	}

	RawHttp2 message(int stream, byte[] message, boolean end) throws IOException {
		return frame(DATA, end ? END_STREAM : 0, stream, delimited(message));
	}

	static byte[] delimited(byte[] message) {
		return ByteBuffer.allocate(5 + message.length).put((byte) 0).putInt(message.length).put(message).array();
	}

	/**
	 * What stands before a message of that size.
	 */
	static byte[] delimitedHead(int messageBytes) {
		return ByteBuffer.allocate(5).put((byte) 0).putInt(messageBytes).array();
	}

	static byte[] grpcHead(String path, String... more) {
		ByteArrayOutputStream block = new ByteArrayOutputStream();
		block.writeBytes(headers(":method", "POST", ":scheme", "http", ":path", path, ":authority", "test", "te",
				"trailers", "content-type", "application/grpc"));
		block.writeBytes(headers(more));
		return block.toByteArray();
	}

	/**
	 * A header block of literals: no table, no Huffman. Names and values below 16 KiB.
	 */
	static byte[] headers(String... namesAndValues) {
		ByteArrayOutputStream block = new ByteArrayOutputStream();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			block.write(0);
			literal(block, namesAndValues[i]);
			literal(block, namesAndValues[i + 1]);
		}
		return block.toByteArray();
	}

	private static void literal(ByteArrayOutputStream block, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
		int rest = bytes.length - 127;
		block.write((rest < 0) ? bytes.length : 127);
		if (rest >= 0) {
			for (; rest >= 128; rest >>= 7) {
				block.write((rest & 127) | 128);
			}
			block.write(rest);
		}
		block.writeBytes(bytes);
	}

	/**
	 * The next frame, or {@code null} at the end of the connection.
	 */
	@Nullable Frame read() throws IOException {
		byte[] head;
		try {
			head = this.connection.read(FRAME_HEADER_BYTES);
		}
		catch (SocketException ex) {
			return null;
		}
		if (head.length < FRAME_HEADER_BYTES) {
			return null;
		}
		ByteBuffer header = ByteBuffer.wrap(head);
		int length = ((header.getShort() & 0xffff) << 8) | (header.get() & 0xff);
		return new Frame(header.get(), header.get(), header.getInt(),
				ByteString.copyFrom(this.connection.read(length)));
	}

	/**
	 * The next frame of a type, dropping all before it.
	 */
	Frame await(int type) throws IOException {
		for (Frame frame = read(); frame != null; frame = read()) {
			if (frame.type() == type) {
				return frame;
			}
		}
		throw new EOFException("No frame of type " + type + " before the end");
	}

	/**
	 * The status a call ends with, dropping everything before it.
	 */
	Outcome outcome(int stream) throws IOException {
		Map<String, String> headers = new HashMap<>();
		for (Frame frame = read(); frame != null; frame = read()) {
			if (frame.type() == HEADERS) {
				headers.putAll(decode(frame));
			}
			if (frame.stream() == stream && frame.type() == RST_STREAM) {
				return new Outcome(headers, frame.payload().asReadOnlyByteBuffer().getInt());
			}
			if (frame.stream() == stream && frame.type() <= HEADERS && (frame.flags() & END_STREAM) != 0) {
				return new Outcome(headers, -1);
			}
		}
		throw new EOFException("Closed with " + headers);
	}

	Map<String, String> decode(Frame frame) throws IOException {
		ByteBuf block = Unpooled.wrappedBuffer(frame.payload().asReadOnlyByteBuffer());
		try {
			Http2Headers decoded = this.headersDecoder.decodeHeaders(frame.stream(), block);
			Map<String, String> headers = new HashMap<>();
			decoded.forEach((entry) -> headers.put(entry.getKey().toString(), entry.getValue().toString()));
			return headers;
		}
		catch (Http2Exception ex) {
			throw new IOException(ex);
		}
	}

	RawConnection connection() {
		return this.connection;
	}

	@Override
	public void close() throws IOException {
		this.connection.close();
	}

	record Frame(int type, int flags, int stream, ByteString payload) {

		/** The error code of a GOAWAY. */
		int goAwayCode() {
			return this.payload.asReadOnlyByteBuffer().getInt(4);
		}

		/** The text of a GOAWAY. */
		String goAwayText() {
			return this.payload.substring(8).toString(StandardCharsets.US_ASCII);
		}

	}

	/**
	 * How a stream ended.
	 *
	 * @param headers all headers and trailers
	 * @param resetCode the code of RST_STREAM, -1 without one
	 */
	record Outcome(Map<String, String> headers, int resetCode) {

		String status() {
			return this.headers.getOrDefault("grpc-status", "none") + ' '
					+ this.headers.getOrDefault("grpc-message", "");
		}

	}

}
