package dev.kvserver.server.rpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An HTTP/2 client of one gRPC call, written against the RFC and nobody's library: what
 * it reads is what is on the wire. Grants windows only when told to. Reads give up after
 * a while.
 */
final class Http2Socket implements AutoCloseable {

	static final int DATA = 0;

	static final int HEADERS = 1;

	static final int SETTINGS = 4;

	static final int PING = 6;

	private static final int WINDOW_UPDATE = 8;

	private static final int ACK = 1;

	private static final int END_HEADERS = 4;

	private static final int STREAM = 1;

	private final Socket socket;

	private final DataInputStream in;

	private final ByteArrayOutputStream data = new ByteArrayOutputStream();

	private int dataFrames;

	private int largestFrame;

	Http2Socket(int port, String path) throws IOException {
		this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
		this.socket.setSoTimeout(20_000);
		this.in = new DataInputStream(this.socket.getInputStream());
		this.socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		frame(SETTINGS, 0, 0, new byte[0]);
		frame(HEADERS, END_HEADERS, STREAM, headers(path));
	}

	/** Literal fields without indexing: the plainest form of HPACK. */
	private static byte[] headers(String path) throws IOException {
		ByteArrayOutputStream block = new ByteArrayOutputStream();
		String[] fields = { ":method", "POST", ":scheme", "http", ":path", path, ":authority", "localhost",
				"content-type", "application/grpc", "te", "trailers" };
		for (int i = 0; i < fields.length; i += 2) {
			block.write(0);
			for (String text : new String[] { fields[i], fields[i + 1] }) {
				block.write(text.length());
				block.write(text.getBytes(StandardCharsets.US_ASCII));
			}
		}
		return block.toByteArray();
	}

	/** Sends one gRPC message. */
	void message(byte[] message) throws IOException {
		ByteBuffer framed = ByteBuffer.allocate(5 + message.length).put((byte) 0).putInt(message.length).put(message);
		frame(DATA, 0, STREAM, framed.array());
	}

	/** Lets the server send so many more bytes. */
	void grant(int bytes) throws IOException {
		byte[] increment = ByteBuffer.allocate(4).putInt(bytes).array();
		frame(WINDOW_UPDATE, 0, 0, increment);
		frame(WINDOW_UPDATE, 0, STREAM, increment);
	}

	/**
	 * Asks for an answer behind everything that the server has written so far, and reads
	 * up to it.
	 */
	void readUpToPing() throws IOException {
		frame(PING, 0, 0, new byte[8]);
		boolean answered = false;
		while (!answered) {
			answered = readFrame() == PING;
		}
	}

	/** Reads until so many bytes of messages are there. */
	void readData(int bytes) throws IOException {
		while (this.data.size() < bytes) {
			readFrame();
		}
	}

	private int readFrame() throws IOException {
		int head = this.in.readInt();
		int type = head & 0xff;
		byte[] payload = new byte[head >>> 8];
		int flags = this.in.readUnsignedByte();
		this.in.readInt();
		this.in.readFully(payload);
		if (type == DATA) {
			this.data.write(payload);
			this.dataFrames++;
			this.largestFrame = Math.max(this.largestFrame, payload.length);
		}
		if (type == SETTINGS && flags != ACK) {
			frame(SETTINGS, ACK, 0, new byte[0]);
		}
		if (type == PING && flags != ACK) {
			frame(PING, ACK, 0, payload);
			return -1;
		}
		return type;
	}

	private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
		ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
		frame.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream).put(payload);
		this.socket.getOutputStream().write(frame.array());
	}

	/** All bytes of messages so far, with their prefixes. */
	byte[] data() {
		return this.data.toByteArray();
	}

	int dataFrameCount() {
		return this.dataFrames;
	}

	int largestFrameBytes() {
		return this.largestFrame;
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
