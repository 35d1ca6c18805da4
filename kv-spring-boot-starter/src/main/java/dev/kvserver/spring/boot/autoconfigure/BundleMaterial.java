package dev.kvserver.spring.boot.autoconfigure;

import java.util.List;

import dev.kvserver.server.tls.TlsException;
import dev.kvserver.server.tls.TlsMaterial;
import dev.kvserver.server.tls.TlsSource;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;

/**
 * Takes the server's keys and certificates from an SSL bundle, as it is at the moment.
 */
final class BundleMaterial implements TlsSource {

	private final SslBundles bundles;

	private final String name;

	BundleMaterial(SslBundles bundles, String name) {
		this.bundles = bundles;
		this.name = name;
	}

	/**
	 * The material of the bundle.
	 * @throws org.springframework.boot.ssl.NoSuchSslBundleException if there is none
	 */
	@Override
	public TlsMaterial load() {
		SslBundle bundle = this.bundles.getBundle(this.name);
		try {
			if (bundle.getStores().getKeyStore() == null) {
				throw new TlsException("The SSL bundle '" + this.name + "' has no key");
			}
			// Without a trust store Java would trust everybody whom browsers trust.
			boolean trusts = bundle.getStores().getTrustStore() != null;
			SslOptions options = bundle.getOptions();
			return new TlsMaterial(bundle.getManagers().getKeyManagerFactory(),
					trusts ? bundle.getManagers().getTrustManagerFactory() : null, list(options.getEnabledProtocols()),
					list(options.getCiphers()));
		}
		catch (IllegalStateException ex) {
			throw new TlsException("The SSL bundle '" + this.name + "' cannot be used: " + innermost(ex), ex);
		}
	}

	private static List<String> list(String @Nullable [] values) {
		return (values != null) ? List.of(values) : List.of();
	}

	private static String innermost(Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null) {
			cause = cause.getCause();
		}
		return String.valueOf(cause.getMessage());
	}

}
