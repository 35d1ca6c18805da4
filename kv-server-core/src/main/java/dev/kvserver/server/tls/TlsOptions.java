package dev.kvserver.server.tls;

import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken on a port (etcd-contract sections 4.1 and 6.4).
 *
 * @param source where keys and certificates come from
 * @param provider whose TLS is used. Default the JDK's
 * @param clientAuth whether clients are asked for a certificate. Default they are not
 * @param allowedCommonNames the only common names that client certificates may have;
 * empty for any
 * @param allowedHostnames host names and IP addresses of which a client certificate must
 * be for one; empty for any, and never together with common names
 * @param revocationList a file with the certificates that are not to be trusted any more,
 * PEM or DER, read again when it changes; {@code null} for none
 * @param plaintextToo whether the port serves those who speak no TLS as well. Default
 * {@code false}
 * @param alpn what is spoken with those who offer both. Default HTTP/1.1
 * @param minVersion the lowest version. Default TLS 1.2
 * @param maxVersion the highest version, {@code null} for the highest there is
 * @param ciphers names of the ciphers of TLS 1.2, in the spelling of the JDK or of Go;
 * empty for those that HTTP/2 recommends. The ciphers of TLS 1.3 cannot be chosen
 */
public record TlsOptions(TlsSource source, TlsProvider provider, ClientAuthentication clientAuth,
		List<String> allowedCommonNames, List<String> allowedHostnames, @Nullable Path revocationList,
		boolean plaintextToo, AlpnPreference alpn, TlsVersion minVersion, @Nullable TlsVersion maxVersion,
		List<String> ciphers) {

	/**
	 * Checks every value, but loads nothing.
	 * @throws IllegalArgumentException naming the option
	 */
	public TlsOptions {
		allowedCommonNames = List.copyOf(allowedCommonNames);
		allowedHostnames = List.copyOf(allowedHostnames);
		ciphers = List.copyOf(ciphers);
		require(provider.isAvailable(), "provider", provider, "netty-tcnative on the class path for this platform");
		boolean asked = clientAuth != ClientAuthentication.NONE;
		require(asked || allowedCommonNames.isEmpty(), "allowedCommonNames", allowedCommonNames,
				"only where clients are asked for a certificate");
		require(asked || allowedHostnames.isEmpty(), "allowedHostnames", allowedHostnames,
				"only where clients are asked for a certificate");
		require(allowedCommonNames.isEmpty() || allowedHostnames.isEmpty(), "allowedHostnames", allowedHostnames,
				"not together with allowed common names");
		require(asked || revocationList == null, "revocationList", revocationList,
				"only where clients are asked for a certificate");
		require(maxVersion == null || maxVersion.compareTo(minVersion) >= 0, "maxVersion", maxVersion,
				"not below " + minVersion);
		require(ciphers.isEmpty() || minVersion != TlsVersion.TLS1_3, "ciphers", ciphers,
				"none, since those of TLS 1.3 cannot be chosen");
		CipherSuites.jdkNames(ciphers, provider);
	}

	private static void require(boolean valid, String option, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(option + ": " + value + " (expected: " + expected + ")");
		}
	}

	/**
	 * Loads everything once and forgets it again. Blocks.
	 * @throws TlsException if a port could not use it
	 */
	public void tryOut() {
		TlsContext.open(this);
	}

	/**
	 * Options with every default.
	 * @param source where keys and certificates come from
	 * @return a new builder
	 */
	public static Builder builder(TlsSource source) {
		return new Builder(source);
	}

	/**
	 * Collects options. Not thread-safe; every setter returns this builder, and
	 * {@link #build()} checks the values.
	 */
	public static final class Builder {

		private final TlsSource source;

		private TlsProvider provider = TlsProvider.JDK;

		private ClientAuthentication clientAuth = ClientAuthentication.NONE;

		private List<String> allowedCommonNames = List.of();

		private List<String> allowedHostnames = List.of();

		private @Nullable Path revocationList;

		private boolean plaintextToo;

		private AlpnPreference alpn = AlpnPreference.HTTP1;

		private TlsVersion minVersion = TlsVersion.TLS1_2;

		private @Nullable TlsVersion maxVersion;

		private List<String> ciphers = List.of();

		private Builder(TlsSource source) {
			this.source = source;
		}

		/**
		 * See {@link TlsOptions#provider()}.
		 * @param value the provider
		 * @return this builder
		 */
		public Builder provider(TlsProvider value) {
			this.provider = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#clientAuth()}.
		 * @param value whether clients are asked
		 * @return this builder
		 */
		public Builder clientAuth(ClientAuthentication value) {
			this.clientAuth = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#allowedCommonNames()}.
		 * @param value the names
		 * @return this builder
		 */
		public Builder allowedCommonNames(List<String> value) {
			this.allowedCommonNames = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#allowedHostnames()}.
		 * @param value the names
		 * @return this builder
		 */
		public Builder allowedHostnames(List<String> value) {
			this.allowedHostnames = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#revocationList()}.
		 * @param value the file
		 * @return this builder
		 */
		public Builder revocationList(@Nullable Path value) {
			this.revocationList = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#plaintextToo()}.
		 * @param value whether plaintext is served
		 * @return this builder
		 */
		public Builder plaintextToo(boolean value) {
			this.plaintextToo = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#alpn()}.
		 * @param value the preference
		 * @return this builder
		 */
		public Builder alpn(AlpnPreference value) {
			this.alpn = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#minVersion()}.
		 * @param value the version
		 * @return this builder
		 */
		public Builder minVersion(TlsVersion value) {
			this.minVersion = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#maxVersion()}.
		 * @param value the version
		 * @return this builder
		 */
		public Builder maxVersion(@Nullable TlsVersion value) {
			this.maxVersion = value;
			return this;
		}

		/**
		 * See {@link TlsOptions#ciphers()}.
		 * @param value the names
		 * @return this builder
		 */
		public Builder ciphers(List<String> value) {
			this.ciphers = value;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException naming the option
		 */
		public TlsOptions build() {
			return new TlsOptions(this.source, this.provider, this.clientAuth, this.allowedCommonNames,
					this.allowedHostnames, this.revocationList, this.plaintextToo, this.alpn, this.minVersion,
					this.maxVersion, this.ciphers);
		}

	}

}
