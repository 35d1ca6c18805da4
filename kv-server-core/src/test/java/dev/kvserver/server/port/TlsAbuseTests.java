package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.tls.CapturedLog;
import dev.kvserver.server.tls.TestCertificates;
import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Peers that connect to a port with TLS and mean no good.
 */
class TlsAbuseTests {

	private static final TestCertificates CERTIFICATES = new TestCertificates();

	private static final String CLIENT_HELLO = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003";

	private final TlsClient client = new TlsClient(CERTIFICATES.authority(), null);

	private static OpenPort open(boolean plaintextToo, int timeoutMillis) {
		return new OpenPort((options) -> options.handshakeTimeout(Duration.ofMillis(timeoutMillis))
			.tls(CERTIFICATES.options().plaintextToo(plaintextToo).build()));
	}

	private static ServingStatus health(Channel channel) {
		return HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus();
	}

	/** The first handshake of a JVM takes longest. */
	private void warmUp() throws IOException {
		try (OpenPort server = open(false, 60_000)) {
			assertThat(this.client.ask(server.port.port())).isNotEmpty();
		}
	}

	/**
	 * Row 2: CVE-2026-73500. The good client's connection is there before, for a
	 * handshake on this machine may take as long as the limit of this test.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aThousandSilentConnectionsAreClosedAndDisturbNobody(boolean plaintextToo) throws IOException {
		List<RawConnection> silent = new ArrayList<>();
		warmUp();
		try (CapturedLog log = CapturedLog.ofRejections(); OpenPort server = open(plaintextToo, 5_000)) {
			RawConnection good = new RawConnection(this.client.connect(server.port.port()));
			silent.add(good);
			for (int i = 0; i < 1_200; i++) {
				silent.add(server.connect().send((i % 2 == 0) ? "" : CLIENT_HELLO));
				if (i % 100 == 0) {
					assertThat(good.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer().status())
						.isEqualTo(200);
				}
			}
			assertEventually("closed", () -> server.port.openConnections() == 1);
			assertThat(good.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer().status()).isEqualTo(200);
			for (RawConnection each : silent.subList(1, silent.size())) {
				each.readToEnd();
			}
			assertThat(log.messages()).hasSizeBetween(1, 60 * 2);
			assertThat(log.isPlain()).isTrue();
			assertThat(log.messages().get(0)).contains("TLS handshake timeout");
		}
		finally {
			for (RawConnection each : silent) {
				each.close();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aPeerThatIsSilentAfterItsHandshakeIsClosedAsWell(boolean plaintextToo) throws IOException {
		warmUp();
		try (OpenPort server = open(plaintextToo, 5_000)) {
			try (RawConnection http2 = new RawConnection(this.client.connect(server.port.port(), "h2"))) {
				http2.readToEnd();
			}
			assertEventually("closed", () -> server.port.openConnections() == 0);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "\u0016\u0003\u0001\u0000\u0005hello\r\n", "\u0016\u0003\u0001\u0000\u0000",
			"\u0016\u0003\u0003\u007f\u00ff\u0001\u00ff\u00ff\u00ff", "\u0015\u0003\u0003\u0000\u0002\u0002(",
			"\u0017\u0003\u0003\u0000\u0005hello", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n" })
	void garbageClosesItsConnectionAndIsLoggedInOneLine(String garbage) throws IOException {
		try (OpenPort server = open(false, 10_000); CapturedLog log = CapturedLog.ofRejections()) {
			try (RawConnection connection = server.connect()) {
				connection.send(garbage).endOutput().readToEnd();
			}
			assertEventually("logged", () -> !log.messages().isEmpty());
			assertThat(this.client.ask(server.port.port())).isNotEmpty();
			assertThat(health(server.channel(this.client))).isEqualTo(ServingStatus.SERVING);
			assertThat(log.messages()).hasSize(1);
			assertThat(log.isPlain()).isTrue();
			assertThat(log.messages().get(0)).doesNotContain("hello", "68656c6c6f", "SSH", "\n");
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void connectionsThatAreResetLeaveNothing(boolean plaintextToo) throws IOException {
		try (OpenPort server = open(plaintextToo, 10_000); CapturedLog log = CapturedLog.ofRejections()) {
			server.connect().reset();
			server.connect().send(CLIENT_HELLO).reset();
			Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port.port());
			RawConnection secure = new RawConnection(this.client.over(plain, this.client.parameters()));
			secure.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
			assertEventually("asked", () -> server.laterAsked.get() == 1);
			// That of TLS would say goodbye first.
			plain.setSoLinger(true, 0);
			plain.close();
			assertEventually("closed", () -> server.port.openConnections() == 0);
			assertThat(log.isPlain()).isTrue();
			assertThat(this.client.ask(server.port.port())).isNotEmpty();
		}
	}

}
