package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import dev.kvserver.server.tls.AlpnPreference;
import dev.kvserver.server.tls.CapturedLog;
import dev.kvserver.server.tls.TestCertificates;
import dev.kvserver.server.tls.TlsOptions;
import dev.kvserver.server.tls.TlsProvider;
import dev.kvserver.server.tls.TlsVersion;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InternalChannelz;
import io.grpc.SecurityLevel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.internal.GrpcAttributes;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * gRPC and HTTP/1 on one port with TLS, with the JDK's and with BoringSSL.
 */
class TlsPortTests {

	private static final String GET_VERSION = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

	private static final String VERSION = "{\"etcdserver\":\"3.7.0\",\"etcdcluster\":\"3.7.0\",\"storage\":\"3.7.0\"}";

	private static final TestCertificates CERTIFICATES = new TestCertificates();

	private final TlsClient client = new TlsClient(CERTIFICATES.authority(), null);

	private OpenPort server = new OpenPort(UnaryOperator.identity());

	@AfterEach
	void close() {
		this.server.close();
	}

	private void start(UnaryOperator<TlsOptions.Builder> tls) {
		this.server.close();
		this.server = new OpenPort((options) -> options.tls(tls.apply(CERTIFICATES.options()).build()));
	}

	private static ServingStatus health(Channel channel) {
		return HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus();
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void grpcIsServedAndKnowsAboutItsTls(TlsProvider provider) throws Exception {
		start((tls) -> tls.provider(provider));
		Channel channel = this.server.channel(this.client);
		assertThat(health(channel)).isEqualTo(ServingStatus.SERVING);
		ClientCalls.asyncBidiStreamingCall(channel.newCall(TestServices.WATCH, CallOptions.DEFAULT),
				TestServices.ignoring());
		Attributes attributes = Objects.requireNonNull(this.server.services.attributes.poll(20, TimeUnit.SECONDS));
		SSLSession session = Objects.requireNonNull(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
		assertThat(session.getProtocol()).isEqualTo("TLSv1.3");
		assertThat(attributes.get(GrpcAttributes.ATTR_SECURITY_LEVEL)).isEqualTo(SecurityLevel.PRIVACY_AND_INTEGRITY);
		assertThat(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)).isInstanceOf(InetSocketAddress.class);
		assertThat(channelzTls().cipherSuiteStandardName).isEqualTo(session.getCipherSuite());
	}

	/** Of the only connection there is. */
	private InternalChannelz.Tls channelzTls() throws ExecutionException, InterruptedException {
		InternalChannelz channelz = InternalChannelz.instance();
		InetSocketAddress address = (InetSocketAddress) this.server.port.addresses().get(0);
		for (var each : channelz.getServers(0, 10_000).servers) {
			var sockets = Objects.requireNonNull(channelz.getServerSockets(each.getLogId().getId(), 0, 10)).sockets;
			for (var socket : sockets) {
				var stats = Objects.requireNonNull(channelz.getSocket(socket.getLogId().getId())).getStats().get();
				if (address.equals(stats.local)) {
					return Objects.requireNonNull(Objects.requireNonNull(stats.security).tls);
				}
			}
		}
		throw new AssertionError("Channelz knows nothing of the connection");
	}

	@ParameterizedTest
	@MethodSource("offers")
	void whatIsSpokenIsAgreedUpon(TlsProvider provider, AlpnPreference preference, List<String> offered, String agreed)
			throws IOException {
		start((tls) -> tls.provider(provider).alpn(preference));
		SSLSocket socket = this.client.connect(this.server.port.port(), offered.toArray(new String[0]));
		assertThat(socket.getApplicationProtocol()).isEqualTo(agreed);
		try (RawConnection connection = new RawConnection(socket)) {
			if (agreed.equals("h2")) {
				RawHttp2 http2 = new RawHttp2(connection).call(1, "/test.Service/Echo");
				assertThat(http2.message(1, new byte[0], true).outcome(1).status()).startsWith("0");
			}
			else {
				assertThat(connection.send(GET_VERSION).readAnswer().body()).isEqualTo(VERSION);
				assertThat(connection.sendByteByByte(GET_VERSION).readAnswer().body()).isEqualTo(VERSION);
				String body = "x".repeat(200_000);
				connection.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n").send(body);
				assertThat(connection.readAnswer().body()).isEqualTo("200000");
			}
		}
	}

	static Stream<Arguments> offers() {
		return Stream.of(TlsProvider.values())
			.flatMap((provider) -> Stream.of(
					Arguments.of(provider, AlpnPreference.HTTP1, List.of("h2", "http/1.1"), "http/1.1"),
					Arguments.of(provider, AlpnPreference.HTTP1, List.of("h2"), "h2"),
					Arguments.of(provider, AlpnPreference.HTTP1, List.of("http/1.1"), "http/1.1"),
					Arguments.of(provider, AlpnPreference.HTTP1, List.of("http/1.0"), ""),
					Arguments.of(provider, AlpnPreference.HTTP1, List.of(), ""),
					Arguments.of(provider, AlpnPreference.H2, List.of("http/1.1", "h2"), "h2"),
					Arguments.of(provider, AlpnPreference.H2, List.of("http/1.1"), "http/1.1")));
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void answersEndWithTheEndOfTls(TlsProvider provider) throws IOException {
		start((tls) -> tls.provider(provider));
		for (String request : List.of("GET /version HTTP/1.0\r\n\r\n",
				"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
				"POST /version HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\nabc")) {
			try (RawConnection connection = new RawConnection(this.client.connect(this.server.port.port()))) {
				connection.send(request);
				// Without its end, which anybody could have cut off, the JDK would
				// complain.
				assertThat(connection.readToEnd()).startsWith("HTTP/1.");
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "TLS1_2, TLS1_2, TLSv1.2, TLSv1.3", "TLS1_3, , TLSv1.3, TLSv1.2", "TLS1_2, , TLSv1.2, TLSv1.1" })
	void versionsMayBePinned(TlsVersion min, TlsVersion max, String served, String refused) throws IOException {
		start((tls) -> tls.minVersion(min).maxVersion(max));
		SSLParameters parameters = this.client.parameters();
		parameters.setProtocols(new String[] { served });
		try (SSLSocket socket = this.client.connect(this.server.port.port(), parameters)) {
			assertThat(socket.getSession().getProtocol()).isEqualTo(served);
		}
		parameters.setProtocols(new String[] { refused });
		try (CapturedLog log = CapturedLog.ofRejections()) {
			assertThatExceptionOfType(IOException.class)
				.isThrownBy(() -> this.client.connect(this.server.port.port(), parameters).close());
			assertThat(log.messages()).hasSizeLessThanOrEqualTo(1);
		}
	}

	@ParameterizedTest
	@CsvSource({ "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
			"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
			"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" })
	void ciphersMayBeChosenByEitherName(String name, String used) throws IOException {
		for (TlsProvider provider : TlsProvider.values()) {
			start((tls) -> tls.provider(provider).ciphers(List.of(name)));
			SSLParameters parameters = this.client.parameters();
			parameters.setProtocols(new String[] { "TLSv1.2" });
			try (SSLSocket socket = this.client.connect(this.server.port.port(), parameters)) {
				assertThat(socket.getSession().getCipherSuite()).isEqualTo(used);
			}
			parameters.setProtocols(new String[] { "TLSv1.3" });
			try (SSLSocket socket = this.client.connect(this.server.port.port(), parameters)) {
				assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
			}
		}
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void plaintextMayBeServedBesideTls(TlsProvider provider) throws IOException {
		start((tls) -> tls.provider(provider).plaintextToo(true));
		assertThat(health(this.server.channel())).isEqualTo(ServingStatus.SERVING);
		assertThat(health(this.server.channel(this.client))).isEqualTo(ServingStatus.SERVING);
		assertThat(this.client.ask(this.server.port.port())).isEqualTo(VERSION);
		try (RawConnection plain = this.server.connect()) {
			assertThat(plain.sendByteByByte(GET_VERSION).readAnswer().body()).isEqualTo(VERSION);
		}
	}

	@Test
	void plaintextIsNotServedOtherwiseAndNotRepeatedInTheLog() throws IOException {
		start(UnaryOperator.identity());
		try (CapturedLog log = CapturedLog.ofRejections(); RawConnection plain = this.server.connect()) {
			plain.send("GET /version HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-1\r\n\r\n");
			assertThat(plain.readToEnd()).doesNotContain("etcdserver");
			assertEventually("logged", () -> log.messages().size() == 1);
			assertThat(log.messages().get(0)).startsWith("rejected connection on client endpoint: remote-addr ")
				.endsWith(", error: first record does not look like a TLS handshake");
			assertThat(log.isPlain()).isTrue();
		}
		assertThat(this.client.ask(this.server.port.port())).isEqualTo(VERSION);
	}

	/** The client knows better. */
	@Test
	void aServerForAnotherHostOrOfAnotherAuthorityIsRefusedByClients() throws IOException {
		start(UnaryOperator.identity());
		try (CapturedLog log = CapturedLog.ofRejections()) {
			TlsClient stranger = new TlsClient(new TestCertificates().authority(), null);
			assertThat(stranger.ask(this.server.port.port())).isEmpty();
			assertEventually("logged", () -> log.messages().size() == 1);
			assertThat(log.messages().get(0))
				.startsWith("rejected connection on client endpoint: remote-addr /127.0.0.1:");
		}
	}

	@Test
	void aPortThatIsClosedEndsItsConnections() throws IOException {
		start(UnaryOperator.identity());
		try (RawConnection http = new RawConnection(this.client.connect(this.server.port.port()));
				RawConnection silent = this.server.connect()) {
			assertThat(http.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			this.server.port.shutdown();
			assertThat(http.readToEnd()).isEmpty();
			this.server.port.close();
			assertThat(silent.readToEnd()).isEmpty();
		}
	}

}
