package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.kvserver.server.tls.CapturedLog;
import dev.kvserver.server.tls.ClientAuthentication;
import dev.kvserver.server.tls.TestCertificates;
import dev.kvserver.server.tls.TlsOptions;
import dev.kvserver.server.tls.TlsProvider;
import dev.kvserver.server.tls.TlsVersion;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whose certificate is good, and what is said of the others.
 */
class TlsClientCertificateTests {

	private static final TestCertificates CERTIFICATES = new TestCertificates();

	private static final X509Bundle GOOD = CERTIFICATES.client("good",
			(builder) -> builder.addSanDnsName("good.example.com").addSanIpAddress("10.0.0.1"));

	private static final String PREFIX = "rejected connection on client endpoint: remote-addr /127.0.0.1:";

	private @Nullable OpenPort server;

	@TempDir
	private Path directory;

	@AfterEach
	void close() {
		if (this.server != null) {
			this.server.close();
		}
	}

	private OpenPort start(TlsOptions.Builder tls) {
		close();
		OpenPort opened = new OpenPort((options) -> options.tls(tls.build()));
		this.server = opened;
		return opened;
	}

	private static TlsClient client(@Nullable X509Bundle own) {
		return new TlsClient(CERTIFICATES.authority(), own);
	}

	private static boolean isServed(OpenPort port, TlsClient client) throws IOException {
		return !client.ask(port.port.port()).isEmpty();
	}

	/**
	 * Looks only at what is said of one connection: others that were refused may still be
	 * on their way to the log.
	 */
	private static void assertRefused(OpenPort port, TlsClient client, String reason) throws IOException {
		try (CapturedLog log = CapturedLog.ofRejections();
				Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.port.port())) {
			String prefix = PREFIX + socket.getLocalPort() + ", error: ";
			assertThat(client.ask(socket)).isEmpty();
			assertEventually("logged", () -> log.messages(prefix).size() == 1);
			assertThat(isServed(port, client(GOOD))).isTrue();
			assertThat(log.messages(prefix)).hasSize(1);
			assertThat(log.messages(prefix).get(0)).containsPattern(reason).doesNotContain("\n");
			assertThat(log.isPlain()).isTrue();
		}
		assertThat(grpc(port, client)).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(grpc(port, client(GOOD))).isEqualTo(Status.Code.OK);
	}

	private static Status.Code grpc(OpenPort port, TlsClient client) throws IOException {
		CapturedLog unread = CapturedLog.ofRejections();
		try {
			HealthGrpc.newBlockingStub(port.channel(client)).check(HealthCheckRequest.getDefaultInstance());
			return Status.Code.OK;
		}
		catch (StatusRuntimeException ex) {
			return ex.getStatus().getCode();
		}
		finally {
			unread.close();
		}
	}

	static Stream<Arguments> versions() {
		return Stream.of(TlsProvider.values())
			.flatMap((provider) -> Stream.of(TlsVersion.values()).map((version) -> Arguments.of(provider, version)));
	}

	@ParameterizedTest
	@MethodSource("versions")
	void badCertificatesAreRefusedAndTheGoodOneIsNot(TlsProvider provider, TlsVersion version) throws IOException {
		OpenPort port = start(CERTIFICATES.options()
			.provider(provider)
			.minVersion(version)
			.maxVersion(version)
			.clientAuth(ClientAuthentication.REQUIRE));
		assertRefused(port, client(null), "(?i)certificate");
		assertRefused(port, client(CERTIFICATES.expiredClient("late")), "NotAfter");
		assertRefused(port, client(new TestCertificates().client("stranger")), "(?i)certif|trust anchor|signature");
		assertRefused(port, client(CERTIFICATES.server()), "(?i)certificate|client authentication");
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void whereCertificatesAreOptionalOnlyBadOnesAreRefused(TlsProvider provider) throws IOException {
		OpenPort port = start(CERTIFICATES.options().provider(provider).clientAuth(ClientAuthentication.OPTIONAL));
		assertThat(isServed(port, client(null))).isTrue();
		assertThat(grpc(port, client(null))).isEqualTo(Status.Code.OK);
		assertRefused(port, client(CERTIFICATES.expiredClient("late")), "NotAfter");
	}

	@Test
	void whereNobodyIsAskedABadCertificateIsNotLookedAt() throws IOException {
		OpenPort port = start(CERTIFICATES.options());
		assertThat(isServed(port, client(CERTIFICATES.expiredClient("late")))).isTrue();
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void onlyAllowedCommonNamesAreLetIn(TlsProvider provider) throws IOException {
		OpenPort port = start(CERTIFICATES.options()
			.provider(provider)
			.clientAuth(ClientAuthentication.REQUIRE)
			.allowedCommonNames(List.of("other", "good")));
		assertRefused(port, client(CERTIFICATES.client("goods")), "client certificate authentication failed");
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void onlyCertificatesForAllowedHostsAreLetIn(TlsProvider provider) throws IOException {
		OpenPort port = start(CERTIFICATES.options()
			.provider(provider)
			.clientAuth(ClientAuthentication.REQUIRE)
			.allowedHostnames(List.of("other.example.com", "good.example.com")));
		X509Bundle wrong = CERTIFICATES.client("good.example.com",
				(builder) -> builder.addSanDnsName("wrong.example.com"));
		assertRefused(port, client(wrong), "client certificate authentication failed");
	}

	@ParameterizedTest
	@EnumSource(TlsProvider.class)
	void revokedCertificatesAreRefusedAsSoonAsTheListSaysSo(TlsProvider provider) throws IOException {
		X509Bundle revoked = CERTIFICATES.client("revoked");
		Path list = this.directory.resolve("list.crl");
		CERTIFICATES.revoke(list, CERTIFICATES.client("another"));
		OpenPort port = start(CERTIFICATES.options()
			.provider(provider)
			.clientAuth(ClientAuthentication.REQUIRE)
			.revocationList(list));
		assertThat(isServed(port, client(revoked))).isTrue();
		CERTIFICATES.revoke(list, CERTIFICATES.client("another"), revoked);
		assertRefused(port, client(revoked), "certificate serial [0-9a-f]+ revoked");
		Files.delete(list);
		try (CapturedLog log = CapturedLog.ofRejections()) {
			assertThat(isServed(port, client(GOOD))).isFalse();
			assertEventually("logged",
					() -> log.messages("")
						.stream()
						.anyMatch((line) -> line.contains("revocation list cannot be read")));
		}
		CERTIFICATES.revoke(list);
		assertThat(isServed(port, client(revoked))).isTrue();
	}

	/**
	 * A session that is resumed shows no certificate: it must not bring its right back.
	 */
	@ParameterizedTest
	@MethodSource("versions")
	void aSessionFromBeforeTheRevocationIsOfNoUse(TlsProvider provider, TlsVersion version) throws IOException {
		X509Bundle revoked = CERTIFICATES.client("revoked");
		Path list = this.directory.resolve("list.crl");
		CERTIFICATES.revoke(list);
		OpenPort port = start(CERTIFICATES.options()
			.provider(provider)
			.minVersion(version)
			.maxVersion(version)
			.clientAuth(ClientAuthentication.REQUIRE)
			.revocationList(list));
		TlsClient client = client(revoked);
		assertThat(isServed(port, client)).isTrue();
		CERTIFICATES.revoke(list, revoked);
		assertRefused(port, client, "certificate serial [0-9a-f]+ revoked");
	}

}
