package dev.kvserver.spring.boot.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.tls.AlpnPreference;
import dev.kvserver.server.tls.ClientAuthentication;
import dev.kvserver.server.tls.TlsOptions;
import dev.kvserver.server.tls.TlsProvider;
import dev.kvserver.server.tls.TlsVersion;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code kv.server.tls}: SSL bundles, their reload, and what is refused at start.
 */
@ExtendWith(OutputCaptureExtension.class)
class KvServerTlsTests {

	private static final X509Bundle AUTHORITY = authority();

	private static final X509Bundle SERVER = issue("CN=server");

	private static final X509Bundle CLIENT = issue("CN=client");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, KvServerAutoConfiguration.class,
				KvServerTransportAutoConfiguration.class))
		.withPropertyValues("kv.server.listen.addresses=127.0.0.1:0",
				"spring.ssl.bundle.pem.kv.keystore.certificate=" + SERVER.getCertificatePathPEM(),
				"spring.ssl.bundle.pem.kv.keystore.private-key=" + SERVER.getPrivateKeyPEM(),
				"spring.ssl.bundle.pem.kv.truststore.certificate=" + AUTHORITY.getCertificatePEM(),
				"spring.ssl.bundle.pem.keyless.truststore.certificate=" + AUTHORITY.getCertificatePEM(),
				"spring.ssl.bundle.pem.trustless.keystore.certificate=" + SERVER.getCertificatePathPEM(),
				"spring.ssl.bundle.pem.trustless.keystore.private-key=" + SERVER.getPrivateKeyPEM());

	private final ApplicationContextRunner withBundle = this.contextRunner
		.withPropertyValues("kv.server.tls.bundle=kv");

	private static X509Bundle authority() {
		try {
			return new CertificateBuilder().ecp256()
				.subject("CN=authority")
				.setIsCertificateAuthority(true)
				.buildSelfSigned();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	private static X509Bundle issue(String subject) {
		try {
			return new CertificateBuilder().ecp256()
				.subject(subject)
				.addSanDnsName("localhost")
				.buildIssuedBy(AUTHORITY);
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	/** Asks for the version; how it was answered. */
	private static SSLSession ask(ApplicationContext context, @Nullable X509Bundle own, TrustManager trusted)
			throws Exception {
		SSLContext tls = SSLContext.getInstance("TLS");
		KeyManager[] keys = (own != null) ? own.toKeyManagerFactory().getKeyManagers() : new KeyManager[0];
		tls.init(keys, new TrustManager[] { trusted }, null);
		URI uri = URI.create("https://localhost:" + context.getBean(KvServer.class).port() + "/version");
		HttpResponse<String> response = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.sslContext(tls)
			.build()
			.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
		assertThat(response.body()).contains("etcdserver");
		return response.sslSession().orElseThrow();
	}

	private static Certificate shown(ApplicationContext context) throws Exception {
		return ask(context, null, AUTHORITY.toTrustManager()).getPeerCertificates()[0];
	}

	@Test
	void aBundleTurnsTlsOn(CapturedOutput output) {
		this.withBundle.run((context) -> {
			assertThat(shown(context)).isEqualTo(SERVER.getCertificate());
			assertThat(output).contains("(grpc+http, tls), store memory");
		});
	}

	@Test
	void itCanBeSwitchedOff() {
		this.contextRunner.withPropertyValues("kv.server.tls.bundle=unknown", "kv.server.tls.enabled=false")
			.run((context) -> assertThat(context.getBean(KvServerOptions.class).port().tls()).isNull());
	}

	@Test
	void withTlsNobodyIsWarnedOfOpenInterfaces(CapturedOutput output) {
		this.withBundle.withPropertyValues("kv.server.listen.addresses=*:0")
			.run((context) -> assertThat(output).contains("KV server started on *:").doesNotContain(" WARN "));
	}

	@Test
	void aChangedBundleIsUsedForNewConnections(CapturedOutput output) {
		this.withBundle.run((context) -> {
			assertThat(shown(context)).isEqualTo(SERVER.getCertificate());
			X509Bundle next = issue("CN=next");
			context.getBean(SslBundleRegistry.class).updateBundle("kv", bundle(next));
			assertThat(shown(context)).isEqualTo(next.getCertificate());
			context.getBean(SslBundleRegistry.class).updateBundle("kv", SslBundle.of(SslStoreBundle.NONE));
			assertThat(shown(context)).isEqualTo(next.getCertificate());
			assertThat(output).contains("The SSL bundle 'kv' has changed but cannot be used")
				.doesNotContain("\tat ")
				.doesNotContain("PRIVATE KEY");
		});
	}

	private static SslBundle bundle(X509Bundle server) {
		return SslBundle.of(new PemSslStoreBundle(
				PemSslStoreDetails.forCertificate(server.getCertificatePathPEM())
					.withPrivateKey(server.getPrivateKeyPEM()),
				PemSslStoreDetails.forCertificate(AUTHORITY.getCertificatePEM())));
	}

	@Test
	void clientsMayBeAskedForCertificates() {
		this.withBundle.withPropertyValues("kv.server.tls.client-auth=require").run((context) -> {
			assertThat(ask(context, CLIENT, AUTHORITY.toTrustManager()).isValid()).isTrue();
			assertThat(catchFailure(context)).isTrue();
		});
	}

	private static boolean catchFailure(ApplicationContext context) throws Exception {
		try {
			ask(context, null, AUTHORITY.toTrustManager());
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

	@Test
	void everyPropertyActsOnItsOption(@TempDir Path directory) throws Exception {
		Path crl = Files.createFile(directory.resolve("list.crl"));
		this.withBundle.withPropertyValues("kv.server.tls.client-auth=optional", "kv.server.tls.allowed-cn=a,b",
				"kv.server.tls.plaintext-on-same-port=true", "kv.server.tls.alpn-preference=h2",
				"kv.server.tls.max-version=TLS1.2",
				"kv.server.tls.ciphers=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
			.run((context) -> {
				TlsOptions tls = requireNonNull(context.getBean(KvServerOptions.class).port().tls());
				assertThat(tls.provider()).isEqualTo(TlsProvider.JDK);
				assertThat(tls.clientAuth()).isEqualTo(ClientAuthentication.OPTIONAL);
				assertThat(tls.allowedCommonNames()).containsExactly("a", "b");
				assertThat(tls.plaintextToo()).isTrue();
				assertThat(tls.alpn()).isEqualTo(AlpnPreference.H2);
				assertThat(tls.minVersion()).isEqualTo(TlsVersion.TLS1_2);
				assertThat(tls.maxVersion()).isEqualTo(TlsVersion.TLS1_2);
				assertThat(tls.ciphers()).hasSize(2);
			});
		this.withBundle
			.withPropertyValues("kv.server.tls.client-auth=require", "kv.server.tls.allowed-hostnames=localhost",
					"kv.server.tls.min-version=TLS1.3")
			.run((context) -> {
				TlsOptions tls = requireNonNull(context.getBean(KvServerOptions.class).port().tls());
				assertThat(tls.allowedHostnames()).containsExactly("localhost");
				assertThat(tls.minVersion()).isEqualTo(TlsVersion.TLS1_3);
			});
		this.withBundle.withPropertyValues("kv.server.tls.client-auth=require", "kv.server.tls.crl=" + crl)
			.run((context) -> assertThat(failure(context)).satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("kv.server.tls.crl");
				assertThat(ex.getReason()).contains("list.crl").contains("empty");
			}));
	}

	@ParameterizedTest
	@CsvSource({ "bundle, unknown", "bundle, keyless", "enabled, true", "allowed-cn, a", "allowed-hostnames, a",
			"crl, nowhere.crl", "ciphers, TLS_ROT13", "provider, openssl" })
	void whatCannotBeIsReportedWithItsProperty(String property, String value) {
		String bundle = property.equals("enabled") ? "" : "kv.server.tls.bundle=kv";
		this.contextRunner.withPropertyValues(bundle, "kv.server.tls." + property + "=" + value)
			.run((context) -> assertThat(failure(context).getName()).isEqualTo("kv.server.tls." + property));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "max-version | kv.server.tls.min-version=TLS1.3 | kv.server.tls.max-version=TLS1.2",
					"allowed-hostnames | kv.server.tls.allowed-cn=a | kv.server.tls.allowed-hostnames=b",
					"ciphers | kv.server.tls.min-version=TLS1.3 | kv.server.tls.ciphers=TLS_AES_128_GCM_SHA256",
					"crl | kv.server.tls.client-auth=require | kv.server.tls.crl=nowhere.crl",
					"client-auth | kv.server.tls.bundle=trustless | kv.server.tls.min-version=TLS1.2",
					"min-version | spring.ssl.bundle.pem.kv.options.enabled-protocols=TLSv1.2 | "
							+ "kv.server.tls.min-version=TLS1.3",
					"bundle | spring.ssl.bundle.pem.kv.options.ciphers=TLS_ROT13 | kv.server.tls.min-version=TLS1.2" })
	void whatDoesNotGoTogetherIsReportedWithAProperty(String property, String first, String second) {
		this.withBundle.withPropertyValues("kv.server.tls.client-auth=optional", first.strip(), second.strip())
			.run((context) -> assertThat(failure(context).getName()).isEqualTo("kv.server.tls." + property));
	}

	private static InvalidConfigurationPropertyValueException failure(AssertableApplicationContext context) {
		Throwable cause = context.getStartupFailure();
		while (cause != null && !(cause instanceof InvalidConfigurationPropertyValueException)) {
			cause = cause.getCause();
		}
		return (InvalidConfigurationPropertyValueException) requireNonNull(cause);
	}

	@Test
	void aBundleAndAutoExcludeEachOther() {
		this.withBundle.withPropertyValues("kv.server.tls.auto=true")
			.run((context) -> assertThat(context).getFailure()
				.hasRootCauseInstanceOf(MutuallyExclusiveConfigurationPropertiesException.class));
	}

	@Test
	void optionsOfTheBundleAreHeeded() {
		this.withBundle
			.withPropertyValues("spring.ssl.bundle.pem.kv.options.enabled-protocols=TLSv1.2",
					"spring.ssl.bundle.pem.kv.options.ciphers=TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305")
			.run((context) -> {
				SSLSession session = ask(context, null, AUTHORITY.toTrustManager());
				assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
				assertThat(session.getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
			});
	}

	@Test
	void withoutABundleTheServerMayMakeItsOwnCertificateAndKeepsIt(@TempDir Path directory) {
		ApplicationContextRunner auto = this.contextRunner.withPropertyValues("kv.server.tls.auto=true",
				"kv.server.store.data-dir=" + directory);
		Path file = directory.resolve("fixtures/client/cert.pem");
		String[] first = new String[1];
		for (int i = 0; i < 2; i++) {
			auto.run((context) -> {
				String pem = Files.readString(file);
				first[0] = (first[0] != null) ? first[0] : pem;
				assertThat(pem).isEqualTo(first[0]);
				assertThat(directory.resolve("fixtures/client/key.pem")).exists();
				assertThat(ask(context, null, trusting(file)).isValid()).isTrue();
			});
		}
	}

	private static TrustManager trusting(Path certificate) throws Exception {
		KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
		store.load(null, null);
		try (InputStream in = Files.newInputStream(certificate)) {
			store.setCertificateEntry("server", CertificateFactory.getInstance("X.509").generateCertificate(in));
		}
		TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		factory.init(store);
		return factory.getTrustManagers()[0];
	}

}
