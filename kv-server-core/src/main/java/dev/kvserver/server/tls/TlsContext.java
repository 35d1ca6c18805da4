package dev.kvserver.server.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of a port share of TLS. It is made anew, and as a whole, when keys
 * or certificates change; connections keep the one they began with. Immutable but for the
 * revocation list; any thread.
 */
public final class TlsContext {

	/** The kinds of keys that a server may have. */
	private static final List<String> KEY_TYPES = List.of("EC", "RSA", "EdDSA", "Ed25519", "RSASSA-PSS", "DSA");

	private final Map<Inside, SslContext> contexts;

	private final @Nullable ClientCertificates clients;

	private TlsContext(Map<Inside, SslContext> contexts, @Nullable ClientCertificates clients) {
		this.contexts = contexts;
		this.clients = clients;
	}

	/**
	 * Loads what the options tell to. Blocks.
	 * @param options the options
	 * @return the context
	 * @throws TlsException if something cannot be used
	 */
	public static TlsContext open(TlsOptions options) {
		TlsMaterial material = options.source().load();
		requireKey(material.keys());
		ClientCertificates clients = (options.clientAuth() != ClientAuthentication.NONE)
				? ClientCertificates.open(options) : null;
		Map<Inside, SslContext> contexts = new EnumMap<>(Inside.class);
		for (Inside inside : Inside.values()) {
			contexts.put(inside, open(options, material, clients, inside));
		}
		return new TlsContext(contexts, clients);
	}

	private static SslContext open(TlsOptions options, TlsMaterial material, @Nullable ClientCertificates clients,
			Inside inside) {
		try {
			SslContextBuilder builder = SslContextBuilder.forServer(material.keys())
				.sslProvider(options.provider().netty())
				.protocols(protocols(options, material))
				.ciphers(CipherSuites.enabled(ciphers(options, material), options.provider()),
						SupportedCipherSuiteFilter.INSTANCE)
				.applicationProtocolConfig(protocols(inside, options.alpn()));
			if (clients != null) {
				builder.clientAuth(clientAuth(options.clientAuth()))
					.trustManager(new CheckingTrustManager(issuers(material.trust()), clients));
			}
			return builder.build();
		}
		catch (SSLException | IllegalArgumentException ex) {
			throw new TlsException("TLS cannot be used like this: " + ex.getMessage(), ex);
		}
	}

	private static void requireKey(KeyManagerFactory keys) {
		for (KeyManager manager : keys.getKeyManagers()) {
			if (manager instanceof X509KeyManager x509
					&& KEY_TYPES.stream().anyMatch((type) -> x509.getServerAliases(type, null) != null)) {
				return;
			}
		}
		throw new TlsException("There is no private key with a certificate");
	}

	private static List<String> protocols(TlsOptions options, TlsMaterial material) {
		List<String> protocols = new ArrayList<>();
		for (TlsVersion version : TlsVersion.values()) {
			boolean tooNew = options.maxVersion() != null && version.compareTo(options.maxVersion()) > 0;
			boolean wanted = material.protocols().isEmpty() || material.protocols().contains(version.protocol());
			if (version.compareTo(options.minVersion()) >= 0 && !tooNew && wanted) {
				protocols.add(version.protocol());
			}
		}
		if (protocols.isEmpty()) {
			throw new TlsException("No version of TLS is left: " + material.protocols() + " are all below "
					+ options.minVersion() + " or above " + options.maxVersion());
		}
		return protocols;
	}

	private static List<String> ciphers(TlsOptions options, TlsMaterial material) {
		if (material.ciphers().isEmpty()) {
			return options.ciphers();
		}
		if (options.minVersion() == TlsVersion.TLS1_3) {
			throw new TlsException("The ciphers of TLS 1.3 cannot be chosen");
		}
		return options.ciphers().isEmpty() ? material.ciphers() : options.ciphers();
	}

	private static ApplicationProtocolConfig protocols(Inside inside, AlpnPreference preference) {
		String first = (preference == AlpnPreference.H2) ? ApplicationProtocolNames.HTTP_2
				: ApplicationProtocolNames.HTTP_1_1;
		String second = (preference == AlpnPreference.H2) ? ApplicationProtocolNames.HTTP_1_1
				: ApplicationProtocolNames.HTTP_2;
		List<String> names = switch (inside) {
			case GRPC_AND_HTTP -> List.of(first, second);
			case GRPC -> List.of(ApplicationProtocolNames.HTTP_2);
			case HTTP -> List.of(ApplicationProtocolNames.HTTP_1_1);
		};
		return new ApplicationProtocolConfig(Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE,
				SelectedListenerFailureBehavior.ACCEPT, names);
	}

	private static ClientAuth clientAuth(ClientAuthentication wanted) {
		return (wanted == ClientAuthentication.REQUIRE) ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL;
	}

	private static X509TrustManager issuers(@Nullable TrustManagerFactory trust) {
		TrustManager[] managers = (trust != null) ? trust.getTrustManagers() : new TrustManager[0];
		for (TrustManager manager : managers) {
			if (manager instanceof X509TrustManager x509) {
				return x509;
			}
		}
		throw new TlsException("Client certificates are asked for, but it is not said whose are trusted");
	}

	/**
	 * What makes the TLS of single connections.
	 * @param inside what is spoken inside
	 * @return Netty's context
	 */
	public SslContext netty(Inside inside) {
		return Objects.requireNonNull(this.contexts.get(inside));
	}

	/**
	 * Checks a client after its handshake.
	 * @param session the session
	 * @throws CertificateException if it is not, or no longer, let in
	 */
	public void check(SSLSession session) throws CertificateException {
		X509Certificate[] chain = ClientCertificates.of(session);
		if (this.clients != null && chain.length > 0) {
			this.clients.check(chain);
		}
	}

	/**
	 * The name in a client's certificate.
	 * @param session a session whose handshake is done
	 * @return the common name, empty if the certificate has none; {@code null} if the
	 * client has shown no certificate
	 */
	public static @Nullable String commonName(SSLSession session) {
		X509Certificate[] chain = ClientCertificates.of(session);
		return (chain.length > 0) ? CertificateNames.commonName(chain[0]) : null;
	}

	/** What a listener has to offer to its clients. */
	public enum Inside {

		/** HTTP/2 with gRPC, and HTTP/1. */
		GRPC_AND_HTTP,
		/** HTTP/2 with gRPC. */
		GRPC,
		/** HTTP/1. */
		HTTP

	}

}
