package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLSocket;

import dev.kvserver.server.tls.AlpnPreference;
import dev.kvserver.server.tls.CapturedLog;
import dev.kvserver.server.tls.ClientAuthentication;
import dev.kvserver.server.tls.TestCertificates;
import dev.kvserver.server.tls.TlsOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Several sockets of one port: for HTTP only, for metrics only, and unix sockets.
 */
class ListenersTests {

	private static final TestCertificates CERTIFICATES = new TestCertificates();

	private static final List<InetSocketAddress> ANY_PORT = List.of(OpenPort.loopback());

	private static final String GET_VERSION = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

	@TempDir
	private Path directory;

	private static OpenPort open(UnaryOperator<PortOptions.Builder> more) {
		return new OpenPort((options) -> more.apply(options.httpAddresses(ANY_PORT).metricsAddresses(ANY_PORT)));
	}

	private static int port(List<SocketAddress> addresses) {
		return ((InetSocketAddress) addresses.get(0)).getPort();
	}

	private static ServingStatus health(Channel channel) {
		return HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus();
	}

	private static RawConnection.Answer get(RawConnection connection, String path) throws IOException {
		return connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer();
	}

	@Test
	void httpMayHaveAnAddressOfItsOwn() throws IOException {
		try (OpenPort server = open(UnaryOperator.identity())) {
			assertThat(health(server.channel())).isEqualTo(ServingStatus.SERVING);
			try (RawConnection refused = server.connect()) {
				assertThat(refused.send(GET_VERSION).readToEnd()).isEmpty();
			}
			try (RawConnection http = new RawConnection(port(server.port.httpAddresses()))) {
				assertThat(get(http, "/version").status()).isEqualTo(200);
				assertThat(get(http, "/health").status()).isEqualTo(200);
			}
			try (RawConnection http2 = new RawConnection(port(server.port.httpAddresses()))) {
				assertThat(http2.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").readToEnd()).isEmpty();
			}
		}
	}

	@Test
	void metricsMayHaveAnAddressOfTheirOwnWhereNothingElseIsServed() throws IOException {
		try (OpenPort server = open(UnaryOperator.identity());
				RawConnection metrics = new RawConnection(port(server.port.metricsAddresses()))) {
			assertThat(get(metrics, "/health").status()).isEqualTo(200);
			assertThat(get(metrics, "/version").status()).isEqualTo(404);
			assertThat(get(metrics, "/v3/kv/range").status()).isEqualTo(404);
			assertThat(server.port.openConnections()).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource(AlpnPreference.class)
	void eachAddressOffersWhatItServes(AlpnPreference preference) throws IOException {
		TlsOptions tls = CERTIFICATES.options().alpn(preference).build();
		TlsClient client = new TlsClient(CERTIFICATES.authority(), null);
		try (OpenPort server = open((options) -> options.tls(tls))) {
			assertThat(health(server.channel(client))).isEqualTo(ServingStatus.SERVING);
			try (SSLSocket grpc = client.connect(server.port.port(), "http/1.1", "h2");
					SSLSocket http = client.connect(port(server.port.httpAddresses()), "h2", "http/1.1");
					SSLSocket metrics = client.connect(port(server.port.metricsAddresses()), "h2", "http/1.1")) {
				assertThat(grpc.getApplicationProtocol()).isEqualTo("h2");
				assertThat(http.getApplicationProtocol()).isEqualTo("http/1.1");
				assertThat(metrics.getApplicationProtocol()).isEqualTo("http/1.1");
			}
			assertThat(client.ask(port(server.port.httpAddresses()))).contains("etcdserver");
			assertThat(client.ask(server.port.port())).isEmpty();
		}
	}

	@Test
	void plaintextMayBeServedBesideTlsOnEachAddress() throws IOException {
		TlsOptions tls = CERTIFICATES.options().plaintextToo(true).build();
		TlsClient client = new TlsClient(CERTIFICATES.authority(), null);
		try (OpenPort server = open((options) -> options.tls(tls));
				RawConnection http = new RawConnection(port(server.port.httpAddresses()))) {
			assertThat(get(http, "/version").status()).isEqualTo(200);
			assertThat(client.ask(port(server.port.httpAddresses()))).contains("etcdserver");
			assertThat(health(server.channel())).isEqualTo(ServingStatus.SERVING);
			assertThat(health(server.channel(client))).isEqualTo(ServingStatus.SERVING);
		}
	}

	/** Row 3: GHSA-3wh4-j44w-pg92. */
	@Test
	void revokedCertificatesAreRefusedOnEveryListener() throws IOException {
		X509Bundle revoked = CERTIFICATES.client("revoked");
		Path list = this.directory.resolve("list.crl");
		CERTIFICATES.revoke(list, revoked);
		TlsOptions tls = CERTIFICATES.options().clientAuth(ClientAuthentication.REQUIRE).revocationList(list).build();
		TlsClient good = new TlsClient(CERTIFICATES.authority(), CERTIFICATES.client("good"));
		TlsClient bad = new TlsClient(CERTIFICATES.authority(), revoked);
		try (OpenPort server = open((options) -> options.tls(tls)); CapturedLog log = CapturedLog.ofRejections()) {
			for (int port : List.of(server.port.port(), port(server.port.httpAddresses()),
					port(server.port.metricsAddresses()))) {
				try (SSLSocket socket = good.connect(port)) {
					assertThat(socket.getSession().isValid()).isTrue();
				}
				try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
					String own = "remote-addr /127.0.0.1:" + socket.getLocalPort();
					assertThat(bad.ask(socket)).isEmpty();
					assertEventually("logged",
							() -> log.messages()
								.stream()
								.anyMatch((line) -> line.contains(own) && line.endsWith("revoked")));
				}
				log.clear();
			}
			assertThat(health(server.channel(good))).isEqualTo(ServingStatus.SERVING);
			assertThat(good.ask(port(server.port.httpAddresses()))).isNotEmpty();
		}
	}

	@Test
	void allAddressesAreDrainedAndClosed() throws Exception {
		try (OpenPort server = open(UnaryOperator.identity());
				RawConnection http = new RawConnection(port(server.port.httpAddresses()));
				RawConnection metrics = new RawConnection(port(server.port.metricsAddresses()))) {
			assertThat(get(http, "/version").status()).isEqualTo(200);
			assertThat(get(metrics, "/health").status()).isEqualTo(200);
			InetSocketAddress address = (InetSocketAddress) server.port.httpAddresses().get(0);
			server.port.shutdown();
			assertThat(http.readToEnd()).isEmpty();
			assertThat(metrics.readToEnd()).isEmpty();
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> new RawConnection(address.getPort()).close());
		}
	}

	@Test
	void anAddressThatIsTakenIsNamed() throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			List<InetSocketAddress> address = List.of((InetSocketAddress) taken.getLocalSocketAddress());
			assertThatExceptionOfType(PortException.class)
				.isThrownBy(() -> new OpenPort((options) -> options.metricsAddresses(address)).close())
				.withMessageContaining(":" + taken.getLocalPort())
				.withMessageContaining("Address already in use");
		}
	}

	@ParameterizedTest
	@EnumSource(value = PortTransport.class, names = { "AUTO", "NIO" })
	void addressesMayBeShared(PortTransport transport) throws IOException {
		try (OpenPort first = new OpenPort((options) -> options.transport(transport).reusePort(true))) {
			List<InetSocketAddress> same = List.of((InetSocketAddress) first.port.addresses().get(0));
			try (OpenPort second = new OpenPort(
					(options) -> options.transport(transport).reusePort(true).addresses(same))) {
				assertThat(health(second.channel())).isEqualTo(ServingStatus.SERVING);
			}
			assertThat(health(first.channel())).isEqualTo(ServingStatus.SERVING);
			assertThatExceptionOfType(PortException.class)
				.isThrownBy(() -> new OpenPort((options) -> options.transport(transport).addresses(same)).close());
		}
	}

	@Test
	void unixSocketsServeGrpcAndHttpAndAreDeletedInTheEnd() throws IOException {
		assumeThat(Epoll.isAvailable()).isTrue();
		Path file = this.directory.resolve("kv.sock");
		try (OpenPort server = new OpenPort((options) -> options.addresses(List.of()).unixSockets(List.of(file)))) {
			assertThat(overUnix(file)).isEqualTo(ServingStatus.SERVING);
			assertThat(ask(file)).startsWith("HTTP/1.1 200 OK").contains("etcdserver");
			assertThat(server.port.addresses()).isEmpty();
			assertThatExceptionOfType(PortException.class)
				.isThrownBy(() -> new OpenPort((options) -> options.unixSockets(List.of(file))).close())
				.withMessageContaining("Address already in use");
			assertThat(overUnix(file)).isEqualTo(ServingStatus.SERVING);
		}
		assertThat(file).doesNotExist();
	}

	private static ServingStatus overUnix(Path file) {
		EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
		ManagedChannel channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(file.toFile()))
			.channelType(EpollDomainSocketChannel.class)
			.eventLoopGroup(loops)
			.usePlaintext()
			.build();
		try {
			return health(channel);
		}
		finally {
			channel.shutdownNow();
			loops.shutdownGracefully().syncUninterruptibly();
		}
	}

	private static String ask(Path file) throws IOException {
		try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
			channel.write(
					StandardCharsets.US_ASCII.encode("GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
			ByteBuffer answer = ByteBuffer.allocate(4096);
			while (channel.read(answer) >= 0) {
				assertThat(answer.hasRemaining()).isTrue();
			}
			return StandardCharsets.US_ASCII.decode(answer.flip()).toString();
		}
	}

	@Test
	void aSocketLeftBehindIsReplacedButNoOtherFile() throws IOException {
		assumeThat(Epoll.isAvailable()).isTrue();
		Path stale = this.directory.resolve("stale.sock");
		try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			killed.bind(UnixDomainSocketAddress.of(stale));
		}
		assertThat(stale).exists();
		try (OpenPort server = new OpenPort((options) -> options.unixSockets(List.of(stale)))) {
			assertThat(overUnix(stale)).isEqualTo(ServingStatus.SERVING);
			assertThat(health(server.channel())).isEqualTo(ServingStatus.SERVING);
		}
		Path data = Files.writeString(this.directory.resolve("data"), "precious");
		assertThatExceptionOfType(PortException.class)
			.isThrownBy(() -> new OpenPort((options) -> options.unixSockets(List.of(data))).close())
			.withMessageContaining("is no socket");
		assertThat(data).hasContent("precious");
	}

	@Test
	void withoutEpollUnixSocketsAreRefusedWithAReason() {
		Path file = this.directory.resolve("kv.sock");
		assertThatExceptionOfType(PortException.class)
			.isThrownBy(() -> new OpenPort((options) -> options.transport(PortTransport.NIO).unixSockets(List.of(file)))
				.close())
			.withMessageContaining("need the epoll transport");
	}

}
