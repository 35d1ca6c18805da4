package dev.kvserver.spring.boot.autoconfigure;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.tls.SelfSigned;
import dev.kvserver.server.tls.TlsException;
import dev.kvserver.server.tls.TlsOptions;
import dev.kvserver.server.tls.TlsSource;
import dev.kvserver.spring.boot.autoconfigure.KvServerProperties.Tls;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MutuallyExclusiveConfigurationPropertiesException;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;

/**
 * Carries {@code kv.server.tls} over, and tries out what can only be known by loading it:
 * a server that starts must be one that clients can reach.
 */
final class PropertiesTls {

	private static final String PREFIX = "kv.server.tls.";

	private final Tls properties;

	private final TlsOptions.Builder options;

	private final boolean triesOut;

	private PropertiesTls(Tls properties, TlsSource source, boolean triesOut) {
		this.properties = properties;
		this.options = TlsOptions.builder(source);
		this.triesOut = triesOut;
	}

	/**
	 * Options as the properties say.
	 * @param bundles the application's SSL bundles, if it has any
	 * @param dataDirectory where the server keeps its data, {@code null} for nowhere
	 * @param port where it listens
	 * @param advertised the URLs that it tells to clients
	 * @return the options, or {@code null} without TLS
	 */
	static @Nullable TlsOptions of(Tls properties, @Nullable SslBundles bundles, @Nullable Path dataDirectory,
			PortOptions port, List<String> advertised) {
		if (!properties.isWanted()) {
			return null;
		}
		String bundle = properties.bundle();
		if (bundle != null && properties.auto()) {
			MutuallyExclusiveConfigurationPropertiesException.throwIfMultipleNonNullValuesIn((entries) -> {
				entries.put(PREFIX + "bundle", bundle);
				entries.put(PREFIX + "auto", true);
			});
		}
		if (bundle != null) {
			if (bundles == null) {
				throw invalid("bundle", bundle, "The application has no SSL bundles");
			}
			return new PropertiesTls(properties, new BundleMaterial(bundles, bundle), true).options();
		}
		if (!properties.auto()) {
			throw invalid("enabled", true, "A bundle, or kv.server.tls.auto, is needed for TLS");
		}
		// Trying a self-signed certificate out would write it, before all else is known.
		TlsSource source = new SelfSigned(fixtures(dataDirectory), hosts(port, advertised));
		return new PropertiesTls(properties, source, false).options();
	}

	private static @Nullable Path fixtures(@Nullable Path dataDirectory) {
		return (dataDirectory != null) ? dataDirectory.resolve("fixtures").resolve("client") : null;
	}

	/** By which names clients will ask for the server. */
	private static Set<String> hosts(PortOptions port, List<String> advertised) {
		Set<String> hosts = new TreeSet<>(Set.of("localhost", "127.0.0.1", "::1"));
		for (InetSocketAddress address : port.addresses()) {
			if (!address.getAddress().isAnyLocalAddress()) {
				hosts.add(address.getHostString());
			}
		}
		for (String url : advertised) {
			String host = URI.create(url).getHost();
			if (host != null) {
				hosts.add(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
			}
		}
		return hosts;
	}

	private TlsOptions options() {
		set("bundle", this.properties.bundle(), (name) -> {
		});
		set("provider", this.properties.provider(), this.options::provider);
		set("client-auth", this.properties.clientAuth(), this.options::clientAuth);
		set("allowed-cn", this.properties.allowedCn(), this.options::allowedCommonNames);
		set("allowed-hostnames", this.properties.allowedHostnames(), this.options::allowedHostnames);
		set("crl", this.properties.crl(), (file) -> this.options.revocationList(Path.of(file)));
		set("plaintext-on-same-port", this.properties.plaintextOnSamePort(), this.options::plaintextToo);
		set("alpn-preference", this.properties.alpnPreference(), this.options::alpn);
		set("min-version", this.properties.minVersion(), this.options::minVersion);
		set("max-version", this.properties.maxVersion(), this.options::maxVersion);
		set("ciphers", this.properties.ciphers(), this.options::ciphers);
		return this.options.build();
	}

	private <T> void set(String property, @Nullable T value, Consumer<T> option) {
		if (value == null) {
			return;
		}
		try {
			option.accept(value);
			TlsOptions built = this.options.build();
			if (this.triesOut) {
				built.tryOut();
			}
		}
		catch (IllegalArgumentException | TlsException | NoSuchSslBundleException ex) {
			throw invalid(property, value, String.valueOf(ex.getMessage()));
		}
	}

	private static InvalidConfigurationPropertyValueException invalid(String property, Object value, String reason) {
		return new InvalidConfigurationPropertyValueException(PREFIX + property, value, reason + ".");
	}

}
