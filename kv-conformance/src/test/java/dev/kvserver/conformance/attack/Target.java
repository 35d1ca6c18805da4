package dev.kvserver.conformance.attack;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server under attack, for as long as the attack goes on. What an attacker is told,
 * and that it is cut off, is no concern of its.
 */
final class Target {

	private static final int TIMEOUT_MILLIS = 5_000;

	private static final int PAUSE_MILLIS = 20;

	private final int port;

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private final AtomicLong connections = new AtomicLong();

	private final CountDownLatch attacked = new CountDownLatch(1);

	private final CountDownLatch off = new CountDownLatch(1);

	Target(int port) {
		this.port = port;
	}

	boolean isOn() {
		return this.off.getCount() > 0;
	}

	/** Keeps what an attacker has got until the attack is over. */
	void awaitOff() throws InterruptedException {
		this.off.await();
	}

	/**
	 * Waits a moment, as somebody does who is slow on purpose; tells whether to go on.
	 */
	boolean pause() throws InterruptedException {
		return !this.off.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
	}

	/** Closes connections of a round, before the next one. */
	void close(Iterable<Socket> sockets) throws IOException {
		for (Socket socket : sockets) {
			socket.close();
			this.open.remove(socket);
		}
	}

	/** Waits for the first connection of the attack. */
	void awaitAttack() throws InterruptedException {
		assertThat(this.attacked.await(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
	}

	/** How many connections were made. */
	long connections() {
		return this.connections.get();
	}

	/** Connects; the connection is closed with the target at the latest. */
	Socket connect() throws IOException {
		Socket socket = new Socket();
		this.open.add(socket);
		socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port), TIMEOUT_MILLIS);
		socket.setTcpNoDelay(true);
		this.connections.incrementAndGet();
		this.attacked.countDown();
		if (!isOn()) {
			socket.close();
		}
		return socket;
	}

	/**
	 * Sends bytes over a connection of their own, and reads whatever comes until the
	 * server closes: an attacker that did not wait would only be measuring how fast
	 * connections are made.
	 */
	void send(byte[] bytes) throws IOException {
		try (Socket socket = connect()) {
			socket.setSoTimeout(TIMEOUT_MILLIS);
			socket.getOutputStream().write(bytes);
			socket.shutdownOutput();
			socket.getInputStream().transferTo(OutputStream.nullOutputStream());
		}
		finally {
			this.open.removeIf(Socket::isClosed);
		}
	}

	void send(String text) throws IOException {
		send(text.getBytes(StandardCharsets.ISO_8859_1));
	}

	/** Ends the attack, and whatever it is waiting for. */
	void off() throws IOException {
		this.off.countDown();
		for (Socket socket : this.open) {
			socket.close();
		}
	}

}
