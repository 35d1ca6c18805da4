package dev.kvserver.server.port;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Peers that mean no good, or are broken: each costs little, and nobody else notices.
 */
class PortAbuseTests {

	private static final String GET_VERSION = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

	private static final String ECHO = "/test.Service/Echo";

	private static final String WATCH = "/test.Service/Watch";

	private static final byte[] CANCEL = { 0, 0, 0, 8 };

	private OpenPort server = new OpenPort(UnaryOperator.identity());

	@AfterEach
	void close() {
		this.server.close();
	}

	private void restart(UnaryOperator<PortOptions.Builder> options) {
		this.server.close();
		this.server = new OpenPort(options);
	}

	private void assertServes() throws IOException {
		try (RawConnection http = this.server.connect()) {
			assertThat(http.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
		}
		assertThat(HealthGrpc.newBlockingStub(this.server.channel())
			.check(HealthCheckRequest.getDefaultInstance())
			.getStatus()).isEqualTo(ServingStatus.SERVING);
	}

	@ParameterizedTest
	@ValueSource(strings = { "asdf\r\n\r\n", "GET /version\r\n\r\n", "GET /version HTTP/2.0\r\nHost: x\r\n\r\n",
			"\u0016\u0003\u0001\u0000\u0005hello\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "\r\n\r\n\r\nx\r\n",
			"SSH-2.0-OpenSSH_9.2\r\n", "*1\r\n$4\r\nPING\r\n" })
	void garbageClosesItsConnectionWithoutAWord(String garbage) throws IOException {
		try (RawConnection other = this.server.connect(); RawConnection client = this.server.connect()) {
			other.send("GET /ver");
			assertThat(client.send(garbage).readToEnd()).isEmpty();
			assertThat(other.send("sion HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer().status()).isEqualTo(200);
		}
		assertServes();
	}

	@Test
	void endlessGarbageIsNotCollected() throws IOException {
		try (RawConnection client = this.server.connect()) {
			client.send("x".repeat(9000));
			assertThat(client.readToEnd()).isEmpty();
		}
		assertServes();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
			"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000" })
	void aPeerThatDoesNotGoOnIsClosedAtTheHandshakeTimeout(String beginning) throws IOException {
		restart((options) -> options.handshakeTimeout(Duration.ofMillis(100)));
		try (RawConnection client = this.server.connect()) {
			client.send(beginning).readToEnd();
		}
		assertEventually("closed", () -> this.server.port.openConnections() == 0);
	}

	@Test
	void idleHttp1AndHttp2ConnectionsOutliveTheHandshakeTimeout() throws IOException {
		restart((options) -> options.handshakeTimeout(Duration.ofMillis(100)));
		try (RawConnection http = this.server.connect();
				RawConnection began = this.server.connect();
				RawHttp2 grpc = new RawHttp2(this.server.port.port());
				RawConnection silent = this.server.connect()) {
			assertThat(http.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			began.send("G");
			grpc.await(RawHttp2.SETTINGS);
			assertThat(silent.readToEnd()).isEmpty();
			try (RawConnection laterSilent = this.server.connect()) {
				assertThat(laterSilent.readToEnd()).isEmpty();
			}
			assertThat(http.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			assertThat(began.send(GET_VERSION.substring(1)).readAnswer().status()).isEqualTo(200);
			assertThat(grpc.call(1, ECHO).message(1, new byte[0], true).outcome(1).status()).startsWith("0");
		}
	}

	@Test
	void anIdleHttp1ConnectionIsClosedAtItsOwnTimeout() throws IOException {
		restart((options) -> options.httpIdleTimeout(Duration.ofMillis(100)));
		try (RawConnection silent = this.server.connect(); RawConnection slow = this.server.connect()) {
			assertThat(silent.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			slow.send("GET /version HTTP/1.1\r\n");
			assertThat(silent.readToEnd()).isEmpty();
			assertThat(slow.readToEnd()).isEmpty();
		}
	}

	@Test
	void connectionsThatAreResetLeaveNothing() throws IOException {
		try (RawConnection sniffed = this.server.connect();
				RawConnection http = this.server.connect();
				RawConnection answering = this.server.connect();
				RawHttp2 grpc = new RawHttp2(this.server.port.port())) {
			sniffed.send("PRI");
			http.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
			answering.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
			grpc.call(1, WATCH).message(1, new byte[] { 1 }, false).await(RawHttp2.DATA);
			assertEventually("connected", () -> this.server.port.openConnections() == 4);
			sniffed.reset();
			http.reset();
			answering.reset();
			grpc.connection().reset();
			assertEventually("closed", () -> this.server.port.openConnections() == 0);
			assertEventually("the call is over", () -> this.server.services.openWatches.get() == 0);
		}
		assertServes();
	}

	@Test
	void streamsResetInABurstCloseTheConnection() throws IOException {
		restart((options) -> options.maxRstFramesPerWindow(100));
		byte[] head = RawHttp2.grpcHead(WATCH);
		List<byte[]> frames = new ArrayList<>();
		for (int stream = 1; stream < 2000; stream += 2) {
			frames.add(RawHttp2.bytes(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head));
			frames.add(RawHttp2.bytes(RawHttp2.RST_STREAM, 0, stream, CANCEL));
		}
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			client.frames(frames.toArray(new byte[0][]));
			assertThat(client.await(RawHttp2.GOAWAY).goAwayCode()).isEqualTo(11);
			client.connection().readToEnd();
		}
		assertThat(this.server.services.remotes).hasSizeBetween(100, 102);
		assertEventually("the calls are over", () -> this.server.services.openWatches.get() == 0);
		assertServes();
	}

	@Test
	void aThousandCallsMayBeCancelledAtOnce() throws IOException {
		byte[] head = RawHttp2.grpcHead(WATCH);
		List<byte[]> frames = new ArrayList<>();
		for (int stream = 1; stream < 2000; stream += 2) {
			frames.add(RawHttp2.bytes(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, head));
		}
		for (int stream = 1; stream < 2000; stream += 2) {
			frames.add(RawHttp2.bytes(RawHttp2.RST_STREAM, 0, stream, CANCEL));
		}
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			client.frames(frames.toArray(new byte[0][])).call(2001, ECHO).message(2001, new byte[0], true);
			assertThat(client.outcome(2001).status()).startsWith("0");
			assertThat(this.server.services.openWatches).hasValue(0);
		}
	}

	/**
	 * The client waits for each reset: with more under way, the end of the connection
	 * could overtake its GOAWAY.
	 */
	@Test
	void streamsTheServerHasToResetCountAsWell() throws IOException {
		restart((options) -> options.maxRstFramesPerWindow(100));
		int resets = 0;
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			RawHttp2.Frame frame = oversized(client, 1);
			while (frame.type() == RawHttp2.RST_STREAM && resets < 1_000) {
				resets++;
				frame = oversized(client, 2 * resets + 1);
			}
			assertThat(resets).isEqualTo(100);
			assertThat(frame.goAwayCode()).isEqualTo(11);
			assertThat(client.connection().readToEnd()).isEmpty();
		}
		assertServes();
	}

	/** Begins a message of 4 GiB; returns what is done about it. */
	private static RawHttp2.Frame oversized(RawHttp2 client, int stream) throws IOException {
		client.call(stream, ECHO).frame(RawHttp2.DATA, 0, stream, RawHttp2.delimitedHead(-1));
		RawHttp2.Frame frame = client.read();
		while (frame != null && frame.type() != RawHttp2.RST_STREAM && frame.type() != RawHttp2.GOAWAY) {
			frame = client.read();
		}
		return Objects.requireNonNull(frame);
	}

	@Test
	void metadataUpToTheLimitIsTaken() throws IOException {
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			sendInParts(client, RawHttp2.grpcHead(ECHO, metadata(5)));
			assertThat(client.message(1, new byte[0], true).outcome(1).status()).startsWith("0");
		}
	}

	@Test
	void moreMetadataThanAllowedEndsTheCallOrTheConnection() throws IOException {
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			sendInParts(client, RawHttp2.grpcHead(ECHO, metadata(6)));
			assertThat(client.outcome(1).headers()).containsEntry(":status", "431");
			assertThat(client.call(3, ECHO).message(3, new byte[0], true).outcome(3).status()).startsWith("0");
		}
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			sendInParts(client, RawHttp2.grpcHead(ECHO, metadata(100)));
			client.connection().readToEnd();
		}
		assertServes();
	}

	/** Each entry is 12,000 bytes large. */
	private static String[] metadata(int entries) {
		String[] metadata = new String[entries * 2];
		for (int i = 0; i < entries; i++) {
			metadata[2 * i] = "key-" + i;
			metadata[2 * i + 1] = "v".repeat(12_000);
		}
		return metadata;
	}

	private static void sendInParts(RawHttp2 client, byte[] block) throws IOException {
		int max = 16_000;
		try {
			for (int from = 0; from < block.length; from += max) {
				int to = Math.min(block.length, from + max);
				client.frame((from == 0) ? RawHttp2.HEADERS : RawHttp2.CONTINUATION,
						(to == block.length) ? RawHttp2.END_HEADERS : 0, 1, Arrays.copyOfRange(block, from, to));
			}
		}
		catch (IOException ex) {
			// The server may have closed the connection by now.
		}
	}

	@Test
	void emptyContinuationsDoNotGoOnForever() throws IOException {
		byte[][] frames = new byte[100_000][];
		Arrays.fill(frames, RawHttp2.bytes(RawHttp2.CONTINUATION, 0, 1));
		frames[0] = RawHttp2.bytes(RawHttp2.HEADERS, 0, 1, RawHttp2.grpcHead(ECHO));
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			client.frames(frames);
			client.connection().readToEnd();
		}
		catch (IOException ex) {
			// Closed while we were sending.
		}
		assertServes();
	}

	@Test
	void aPeerThatReadsNoAcknowledgementIsNotWrittenToForever() throws IOException {
		restart((options) -> options.keepAliveTimeout(Duration.ofMillis(500)));
		byte[][] frames = new byte[20_000][];
		Arrays.fill(frames, RawHttp2.bytes(RawHttp2.SETTINGS, 0, 0));
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			for (int i = 0; i < 500; i++) {
				client.frames(frames);
			}
			client.connection().readToEnd();
		}
		catch (IOException ex) {
			// Closed while we were sending.
		}
		assertServes();
	}

	@Test
	void aThousandIdleConnectionsDisturbNobody() throws IOException {
		List<AutoCloseable> idle = new ArrayList<>();
		try {
			for (int i = 0; i < 500; i++) {
				idle.add(this.server.connect().send("GET /version HTTP/1.1\r\n"));
				idle.add(new RawHttp2(this.server.port.port()));
			}
			assertEventually("connected", () -> this.server.port.openConnections() == 1000);
			assertServes();
		}
		finally {
			idle.forEach(PortAbuseTests::closeQuietly);
		}
		assertEventually("closed", () -> this.server.port.openConnections() <= 1);
	}

	private static void closeQuietly(AutoCloseable connection) {
		try {
			connection.close();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void oneConnectionMoreThanAllowedIsClosedAtOnce() throws IOException {
		restart((options) -> options.maxConnections(2));
		try (RawConnection first = this.server.connect(); RawConnection second = this.server.connect()) {
			assertThat(first.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			assertThat(second.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			try (RawConnection third = this.server.connect()) {
				assertThat(third.readToEnd()).isEmpty();
			}
			assertThat(second.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
		}
		assertEventually("closed", () -> this.server.port.openConnections() == 0);
		assertServes();
	}

}
