package dev.kvserver.server.port;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A socket that sends exactly what the test says. Every read gives up after a while, so
 * that a server which says nothing fails the test and does not hang it.
 */
class RawConnection implements AutoCloseable {

	private static final int PATIENCE_MILLIS = 20_000;

	private final Socket socket;

	private final InputStream in;

	RawConnection(int port) throws IOException {
		this(new Socket(InetAddress.getLoopbackAddress(), port));
	}

	RawConnection(Socket connected) throws IOException {
		this.socket = connected;
		this.socket.setSoTimeout(PATIENCE_MILLIS);
		this.socket.setTcpNoDelay(true);
		this.in = new BufferedInputStream(this.socket.getInputStream());
	}

	void setTimeout(int millis) throws IOException {
		this.socket.setSoTimeout(millis);
	}

	RawConnection send(byte... bytes) throws IOException {
		this.socket.getOutputStream().write(bytes);
		return this;
	}

	RawConnection send(String ascii) throws IOException {
		return send(ascii.getBytes(StandardCharsets.ISO_8859_1));
	}

	/**
	 * One segment per byte.
	 */
	RawConnection sendByteByByte(String ascii) throws IOException {
		for (byte one : ascii.getBytes(StandardCharsets.ISO_8859_1)) {
			send(one);
		}
		return this;
	}

	RawConnection endOutput() throws IOException {
		this.socket.shutdownOutput();
		return this;
	}

	byte[] read(int length) throws IOException {
		return this.in.readNBytes(length);
	}

	int read() throws IOException {
		return this.in.read();
	}

	int available() throws IOException {
		return this.in.available();
	}

	/**
	 * Everything up to the end of the connection, which may be a reset.
	 */
	String readToEnd() throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try {
			for (int one = this.in.read(); one >= 0; one = this.in.read()) {
				bytes.write(one);
			}
		}
		catch (SocketException ex) {
			// A reset ends a connection, too.
		}
		return bytes.toString(StandardCharsets.ISO_8859_1);
	}

	/**
	 * One HTTP answer with a length, and no byte more.
	 */
	Answer readAnswer() throws IOException {
		return readAnswer(true);
	}

	Answer readAnswerToHead() throws IOException {
		return readAnswer(false);
	}

	private Answer readAnswer(boolean withBody) throws IOException {
		String statusLine = readLine();
		Map<String, String> headers = new LinkedHashMap<>();
		for (String line = readLine(); !line.isEmpty(); line = readLine()) {
			int colon = line.indexOf(':');
			headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
		}
		int length = withBody ? Integer.parseInt(headers.getOrDefault("content-length", "0")) : 0;
		return new Answer(statusLine, headers, new String(read(length), StandardCharsets.UTF_8));
	}

	private String readLine() throws IOException {
		StringBuilder line = new StringBuilder();
		for (int one = this.in.read(); one != '\n'; one = this.in.read()) {
			if (one < 0) {
				throw new IOException("Closed after '" + line + "'");
			}
			line.append((char) one);
		}
		return line.substring(0, line.length() - 1);
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

	/**
	 * Resets the connection instead of ending it.
	 */
	void reset() throws IOException {
		this.socket.setSoLinger(true, 0);
		this.socket.close();
	}

	record Answer(String statusLine, Map<String, String> headers, String body) {

		int status() {
			return Integer.parseInt(this.statusLine.substring(9, 12));
		}

		String header(String name) {
			return this.headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
		}

	}

}
