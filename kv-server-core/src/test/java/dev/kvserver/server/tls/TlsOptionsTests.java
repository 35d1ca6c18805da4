package dev.kvserver.server.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.function.UnaryOperator;

import javax.net.ssl.KeyManagerFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class TlsOptionsTests {

	private final TestCertificates certificates = new TestCertificates();

	@Test
	void whatMakesNoSenseIsRefusedByName() {
		assertRefused("allowedCommonNames", (tls) -> tls.allowedCommonNames(List.of("a")));
		assertRefused("allowedHostnames", (tls) -> tls.allowedHostnames(List.of("a")));
		assertRefused("allowedHostnames",
				(tls) -> tls.clientAuth(ClientAuthentication.REQUIRE)
					.allowedCommonNames(List.of("a"))
					.allowedHostnames(List.of("a")));
		assertRefused("revocationList", (tls) -> tls.revocationList(Path.of("a")));
		assertRefused("maxVersion", (tls) -> tls.minVersion(TlsVersion.TLS1_3).maxVersion(TlsVersion.TLS1_2));
		assertRefused("ciphers", (tls) -> tls.ciphers(List.of("TLS_ROT13")));
		assertRefused("ciphers",
				(tls) -> tls.minVersion(TlsVersion.TLS1_3).ciphers(List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")));
	}

	private void assertRefused(String option, UnaryOperator<TlsOptions.Builder> wrong) {
		TlsOptions.Builder builder = wrong.apply(this.certificates.options());
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(builder::build)
			.withMessageStartingWith(option + ": ");
	}

	/** The JDK refuses these, whatever they are called. */
	@ParameterizedTest
	@ValueSource(strings = { "TLS_RSA_WITH_RC4_128_SHA", "SSL_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA" })
	void ciphersThatAreBrokenAreRefused(String name) {
		assertRefused("ciphers", (tls) -> tls.ciphers(List.of(name)));
	}

	@Test
	void ciphersHaveTheNamesOfTheJdkOrOfGo() {
		List<String> names = List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
				"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256");
		assertThat(CipherSuites.jdkNames(names, TlsProvider.JDK)).containsExactly(
				"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
				"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256");
		assertThat(CipherSuites.enabled(names, TlsProvider.JDK)).startsWith("TLS_AES_128_GCM_SHA256")
			.doesNotHaveDuplicates();
	}

	@Test
	void aSourceWithoutAKeyIsRefused() throws Exception {
		KeyStore empty = KeyStore.getInstance(KeyStore.getDefaultType());
		empty.load(null, null);
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(empty, new char[0]);
		assertThatExceptionOfType(TlsException.class)
			.isThrownBy(() -> TlsOptions.builder(() -> TlsMaterial.of(keys, null)).build().tryOut())
			.withMessage("There is no private key with a certificate");
	}

	@Test
	void clientsAreNotAskedWithoutAnybodyToTrust() {
		TlsMaterial material = TlsMaterial.of(this.certificates.material(this.certificates.server()).keys(), null);
		TlsOptions.Builder builder = TlsOptions.builder(() -> material);
		assertThatCode(builder.build()::tryOut).doesNotThrowAnyException();
		assertThatExceptionOfType(TlsException.class)
			.isThrownBy(builder.clientAuth(ClientAuthentication.OPTIONAL).build()::tryOut)
			.withMessageContaining("not said whose are trusted");
	}

	@Test
	void wishesOfTheSourceNarrowTheOptions() {
		TlsMaterial plain = this.certificates.material(this.certificates.server());
		TlsMaterial old = new TlsMaterial(plain.keys(), plain.trust(), List.of("TLSv1.2"), List.of());
		TlsOptions.Builder builder = TlsOptions.builder(() -> old);
		assertThatCode(builder.build()::tryOut).doesNotThrowAnyException();
		assertThatExceptionOfType(TlsException.class).isThrownBy(builder.minVersion(TlsVersion.TLS1_3).build()::tryOut)
			.withMessageContaining("No version of TLS is left");
		TlsMaterial chosen = new TlsMaterial(plain.keys(), plain.trust(), List.of(), List.of("TLS_ROT13"));
		assertThatExceptionOfType(TlsException.class).isThrownBy(TlsOptions.builder(() -> chosen).build()::tryOut)
			.withMessageContaining("TLS_ROT13");
		assertThatExceptionOfType(TlsException.class)
			.isThrownBy(TlsOptions.builder(() -> chosen).minVersion(TlsVersion.TLS1_3).build()::tryOut)
			.withMessageContaining("cannot be chosen");
	}

	@Test
	void aRevocationListMustBeThereAndBeOne(@TempDir Path directory) throws IOException {
		Path list = directory.resolve("list.crl");
		TlsOptions options = this.certificates.options()
			.clientAuth(ClientAuthentication.REQUIRE)
			.revocationList(list)
			.build();
		assertThatExceptionOfType(TlsException.class).isThrownBy(options::tryOut).withMessageContaining("list.crl");
		Files.writeString(list, "");
		assertThatExceptionOfType(TlsException.class).isThrownBy(options::tryOut).withMessageContaining("empty");
		Files.writeString(list, "something else");
		assertThatExceptionOfType(TlsException.class).isThrownBy(options::tryOut).withMessageContaining("list.crl");
		this.certificates.revoke(list);
		assertThatCode(options::tryOut).doesNotThrowAnyException();
	}

}
