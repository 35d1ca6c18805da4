package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.tls.TlsException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do when keys or certificates cannot be used. What a bundle lacks is found
 * out earlier; here it is the certificate that the server makes for itself, or a file
 * that went away in between.
 */
class TlsFailureAnalyzer extends AbstractFailureAnalyzer<TlsException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, TlsException cause) {
		return new FailureAnalysis("The KV server cannot speak TLS: " + cause.getMessage() + ".",
				"Put the file right, or remove it: with 'kv.server.tls.auto=true' a certificate that is absent is "
						+ "made. Otherwise name an SSL bundle with 'kv.server.tls.bundle', and a list of revoked "
						+ "certificates that can be read with 'kv.server.tls.crl'.",
				cause);
	}

}
