package dev.kvserver.server.tls;

import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

import org.jspecify.annotations.Nullable;

/**
 * What a TLS server needs of secrets and certificates.
 *
 * @param keys the server's key and its certificate; initialized
 * @param trust knows who may issue certificates to clients; initialized, or {@code null}
 * if nobody is asked for one
 * @param protocols JDK names of the only versions allowed; empty for those of the options
 * @param ciphers names of the only ciphers allowed, in any spelling that
 * {@link TlsOptions#ciphers()} takes; empty for those of the options
 */
public record TlsMaterial(KeyManagerFactory keys, @Nullable TrustManagerFactory trust, List<String> protocols,
		List<String> ciphers) {

	/** Copies the lists. */
	public TlsMaterial {
		protocols = List.copyOf(protocols);
		ciphers = List.copyOf(ciphers);
	}

	/**
	 * Material without wishes about versions and ciphers.
	 * @param keys see above
	 * @param trust see above
	 * @return the material
	 */
	public static TlsMaterial of(KeyManagerFactory keys, @Nullable TrustManagerFactory trust) {
		return new TlsMaterial(keys, trust, List.of(), List.of());
	}

}
