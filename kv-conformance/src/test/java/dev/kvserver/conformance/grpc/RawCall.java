package dev.kvserver.conformance.grpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;

import io.grpc.Status;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * A unary call with a header of any bytes, which gRPC's own client would not send. It is
 * written frame by frame, on a connection of its own.
 */
public final class RawCall implements AutoCloseable {

	private static final int DATA = 0;

	private static final int HEADERS = 1;

	private static final int SETTINGS = 4;

	private static final int END_STREAM = 1;

	private static final int END_HEADERS = 4;

	private static final int STREAM = 1;

	private static final int TIMEOUT_MILLISECONDS = 20_000;

	private final Socket socket;

	private final DataInputStream in;

	private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

	private RawCall(int port) throws IOException {
		this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
		this.socket.setSoTimeout(TIMEOUT_MILLISECONDS);
		this.in = new DataInputStream(this.socket.getInputStream());
	}

	/**
	 * Makes the call and blocks until it is over.
	 * @param connection tells which server
	 * @param call what to ask
	 * @param header the name of the header
	 * @param value its value
	 * @return what it came to, without the response
	 */
	public static Outcome run(Connection connection, Call call, String header, byte[] value) {
		int port = Integer.parseInt(connection.channel().authority().replaceFirst(".*:", ""));
		try (RawCall raw = new RawCall(port)) {
			raw.send("/" + call.method().getFullMethodName(), header, value, call.request().toByteArray());
			return raw.awaitEnd();
		}
		catch (IOException | Http2Exception ex) {
			throw new AssertionError(call + ": " + ex, ex);
		}
	}

	private void send(String path, String header, byte[] value, byte[] message) throws IOException {
		this.socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
		frame(SETTINGS, 0, 0, new byte[0]);
		ByteArrayOutputStream fields = new ByteArrayOutputStream();
		for (List<String> field : List.of(List.of(":method", "POST"), List.of(":scheme", "http"),
				List.of(":path", path), List.of(":authority", "localhost"), List.of("content-type", "application/grpc"),
				List.of("te", "trailers"), List.of(header, new String(value, ISO_8859_1)))) {
			// A literal field without indexing: the plainest form of HPACK.
			fields.write(0);
			for (String text : field) {
				fields.write(text.length());
				fields.writeBytes(text.getBytes(ISO_8859_1));
			}
		}
		frame(HEADERS, END_HEADERS, STREAM, fields.toByteArray());
		ByteBuffer framed = ByteBuffer.allocate(5 + message.length).put((byte) 0).putInt(message.length).put(message);
		frame(DATA, END_STREAM, STREAM, framed.array());
	}

	private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
		ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
		frame.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload);
		this.socket.getOutputStream().write(frame.array());
	}

	/** The status is in the last headers of the stream. */
	private Outcome awaitEnd() throws IOException, Http2Exception {
		while (true) {
			int head = this.in.readInt();
			byte[] payload = new byte[head >>> 8];
			int flags = this.in.readUnsignedByte();
			this.in.readInt();
			this.in.readFully(payload);
			if ((head & 0xff) == HEADERS) {
				Http2Headers headers = this.decoder.decodeHeaders(STREAM, Unpooled.wrappedBuffer(payload));
				if ((flags & END_STREAM) != 0) {
					return Outcome.of(List.of(), status(headers));
				}
			}
		}
	}

	private static Status status(Http2Headers headers) {
		CharSequence code = headers.get("grpc-status");
		CharSequence text = headers.get("grpc-message");
		if (code == null) {
			throw new AssertionError("No status: " + headers);
		}
		return Status.fromCodeValue(Integer.parseInt(code.toString()))
			.withDescription((text != null) ? text.toString() : "");
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
