package dev.kvserver.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import javax.net.ssl.X509KeyManager;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class SelfSignedTests {

	private static final Set<String> HOSTS = Set.of("localhost", "127.0.0.1", "::1");

	@TempDir
	private Path directory;

	private static X509Certificate shown(TlsMaterial material) {
		X509KeyManager keys = (X509KeyManager) material.keys().getKeyManagers()[0];
		return keys.getCertificateChain("server")[0];
	}

	@Test
	void theCertificateIsForTheHostsForAYearAndSignedByItself() throws Exception {
		X509Certificate certificate = shown(new SelfSigned(null, HOSTS).load());
		certificate.verify(certificate.getPublicKey());
		assertThat(certificate.getVersion()).isEqualTo(3);
		for (String host : HOSTS) {
			assertThat(CertificateNames.isFor(certificate, host)).as(host).isTrue();
		}
		assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
		assertThat(certificate.getNotBefore().toInstant()).isBefore(Instant.now());
		assertThat(Duration.between(Instant.now(), certificate.getNotAfter().toInstant()))
			.isBetween(Duration.ofDays(364), Duration.ofDays(366));
		assertThat(certificate.getSerialNumber().signum()).isOne();
	}

	/** Not only the JDK can read it. */
	@Test
	void anotherLibraryReadsTheSame() throws Exception {
		X509Certificate certificate = shown(new SelfSigned(null, HOSTS).load());
		X509CertificateHolder read = new X509CertificateHolder(certificate.getEncoded());
		assertThat(read.getSubject()).hasToString("O=etcd");
		assertThat(read.isSignatureValid(new JcaContentVerifierProviderBuilder().build(read))).isTrue();
		assertThat(read.getEncoded()).isEqualTo(certificate.getEncoded());
	}

	@Test
	void inMemoryItStaysTheSame() {
		SelfSigned source = new SelfSigned(null, HOSTS);
		assertThat(shown(source.load())).isEqualTo(shown(source.load()));
		assertThat(shown(new SelfSigned(null, HOSTS).load())).isNotEqualTo(shown(source.load()));
	}

	@Test
	void inADirectoryItIsKeptForTheOwnerOnlyAndUsedAgain() throws Exception {
		Path place = this.directory.resolve("fixtures").resolve("client");
		X509Certificate certificate = shown(new SelfSigned(place, HOSTS).load());
		assertThat(Files.readString(place.resolve("cert.pem"))).startsWith("-----BEGIN CERTIFICATE-----\n");
		assertThat(Files.readString(place.resolve("key.pem"))).startsWith("-----BEGIN PRIVATE KEY-----\n");
		assertThat(CertificateFactory.getInstance("X.509")
			.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(place.resolve("cert.pem")))))
			.isEqualTo(certificate);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place.resolve("key.pem"))))
			.isEqualTo("rw-------");
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place))).isEqualTo("rwx------");
		assertThat(shown(new SelfSigned(place, Set.of("other")).load())).isEqualTo(certificate);
	}

	@Test
	void anExpiredOneIsReplaced() throws Exception {
		X509Bundle old = new CertificateBuilder().ecp256()
			.subject("CN=old")
			.setIsCertificateAuthority(true)
			.notBefore(Instant.now().minus(Duration.ofDays(9)))
			.notAfter(Instant.now().minus(Duration.ofDays(1)))
			.buildSelfSigned();
		Files.writeString(this.directory.resolve("cert.pem"), old.getCertificatePEM());
		Files.writeString(this.directory.resolve("key.pem"), old.getPrivateKeyPEM());
		X509Certificate certificate = shown(new SelfSigned(this.directory, HOSTS).load());
		assertThat(certificate).isNotEqualTo(old.getCertificate());
		assertThat(shown(new SelfSigned(this.directory, HOSTS).load())).isEqualTo(certificate);
	}

	@Test
	void aKeyThatIsNoneIsRefusedWithItsPlaceAndWithoutItsContent() throws IOException {
		Files.writeString(this.directory.resolve("cert.pem"), "c2VjcmV0LTE=");
		Files.writeString(this.directory.resolve("key.pem"), "c2VjcmV0LTE=");
		assertThatExceptionOfType(TlsException.class).isThrownBy(new SelfSigned(this.directory, HOSTS)::load)
			.withMessageContaining(this.directory.toString())
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret-1", "c2VjcmV0"));
	}

}
