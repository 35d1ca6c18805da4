package dev.kvserver.server.port;

import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSocket;

import dev.kvserver.server.tls.ClientAuthentication;
import dev.kvserver.server.tls.TestCertificates;
import dev.kvserver.server.tls.TlsException;
import dev.kvserver.server.tls.TlsMaterial;
import dev.kvserver.server.tls.TlsOptions;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Keys and certificates that change while the port is open.
 */
class TlsReloadTests {

	private final TestCertificates certificates = new TestCertificates();

	private final X509Bundle first = this.certificates.server();

	private final X509Bundle second = this.certificates.server();

	private final X509Bundle own = this.certificates.client("own");

	private volatile TlsMaterial material = this.certificates.material(this.first);

	private final OpenPort server = new OpenPort((options) -> options
		.tls(TlsOptions.builder(() -> this.material).clientAuth(ClientAuthentication.REQUIRE).build()));

	private final TlsClient client = new TlsClient(this.certificates.authority(), this.own);

	@AfterEach
	void close() {
		this.server.close();
	}

	private BigInteger shown() throws IOException {
		// Another client each time: this one would resume its session.
		try (SSLSocket socket = new TlsClient(this.certificates.authority(), this.own)
			.connect(this.server.port.port())) {
			return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
		}
	}

	@Test
	void newConnectionsGetTheNewCertificateAndOldOnesLive() throws Exception {
		ManagedChannel channel = this.server.channel(this.client);
		StreamObserver<byte[]> requests = ClientCalls
			.asyncBidiStreamingCall(channel.newCall(TestServices.WATCH, CallOptions.DEFAULT), TestServices.ignoring());
		StreamObserver<byte[]> watch = Objects.requireNonNull(this.server.services.watches.poll(20, TimeUnit.SECONDS));
		try (RawConnection http = new RawConnection(this.client.connect(this.server.port.port()))) {
			assertThat(shown()).isEqualTo(this.first.getCertificate().getSerialNumber());
			this.material = this.certificates.material(this.second);
			assertThat(shown()).isEqualTo(this.first.getCertificate().getSerialNumber());
			this.server.port.reloadTls();
			assertThat(shown()).isEqualTo(this.second.getCertificate().getSerialNumber());
			assertThat(http.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer().status()).isEqualTo(200);
		}
		watch.onNext(new byte[] { 1 });
		requests.onNext(new byte[] { 2 });
		assertThat(this.server.services.openWatches).hasValue(1);
		ClientCalls.blockingUnaryCall(channel, TestServices.ECHO, CallOptions.DEFAULT, new byte[0]);
		assertThat(this.server.port.openConnections()).isPositive();
	}

	@Test
	void whoMayIssueCertificatesToClientsChangesAsWell() throws IOException {
		TestCertificates others = new TestCertificates();
		TlsClient other = new TlsClient(this.certificates.authority(), others.client("other"));
		assertThat(other.ask(this.server.port.port())).isEmpty();
		assertThat(this.client.ask(this.server.port.port())).isNotEmpty();
		this.material = TlsMaterial.of(this.certificates.material(this.second).keys(),
				others.authority().toTrustManagerFactory());
		this.server.port.reloadTls();
		assertThat(other.ask(this.server.port.port())).isNotEmpty();
		assertThat(this.client.ask(this.server.port.port())).as("with a session of before").isEmpty();
	}

	@Test
	void whatCannotBeLoadedChangesNothing() throws IOException {
		this.material = TlsMaterial.of(this.certificates.material(this.second).keys(), null);
		assertThatExceptionOfType(TlsException.class).isThrownBy(this.server.port::reloadTls)
			.withMessageContaining("not said whose are trusted");
		assertThat(shown()).isEqualTo(this.first.getCertificate().getSerialNumber());
	}

}
