package dev.kvserver.server.tls;

import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import org.jspecify.annotations.Nullable;

/**
 * Which clients are let in, of those whose certificates are good. Asked during the
 * handshake, so that the client is told, and once more after it: a client that resumes an
 * earlier session shows no certificate, and may have lost its right since. Any thread.
 */
final class ClientCertificates {

	private final List<String> commonNames;

	private final List<String> hostnames;

	private final @Nullable RevocationList revoked;

	private ClientCertificates(TlsOptions options) {
		this.commonNames = options.allowedCommonNames();
		this.hostnames = options.allowedHostnames();
		this.revoked = (options.revocationList() != null) ? RevocationList.open(options.revocationList()) : null;
	}

	static ClientCertificates open(TlsOptions options) {
		return new ClientCertificates(options);
	}

	/**
	 * Refuses a client.
	 * @param chain its certificate, then those above it
	 * @throws CertificateException if it is not let in, saying why
	 */
	void check(X509Certificate[] chain) throws CertificateException {
		X509Certificate own = chain[0];
		own.checkValidity();
		if (!this.commonNames.isEmpty() && !this.commonNames.contains(CertificateNames.commonName(own))) {
			throw new CertificateException("client certificate authentication failed: its common name is not allowed");
		}
		if (!this.hostnames.isEmpty() && !isForAllowedHost(own)) {
			throw new CertificateException("client certificate authentication failed: it is for no allowed host");
		}
		if (this.revoked != null) {
			this.revoked.check(chain);
		}
	}

	private boolean isForAllowedHost(X509Certificate certificate) throws CertificateException {
		for (String host : this.hostnames) {
			if (CertificateNames.isFor(certificate, host)) {
				return true;
			}
		}
		return false;
	}

	/** The certificates that a client was verified by, its own first; none, if none. */
	static X509Certificate[] of(SSLSession session) {
		try {
			Certificate[] chain = session.getPeerCertificates();
			return Arrays.copyOf(chain, chain.length, X509Certificate[].class);
		}
		catch (SSLPeerUnverifiedException ex) {
			return new X509Certificate[0];
		}
	}

}
