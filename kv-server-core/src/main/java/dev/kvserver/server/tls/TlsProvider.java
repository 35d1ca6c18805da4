package dev.kvserver.server.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/** Whose implementation of TLS is used. */
public enum TlsProvider {

	/** The JDK's; everywhere. */
	JDK(SslProvider.JDK),
	/** OpenSSL or BoringSSL, where netty-tcnative is on the class path. */
	OPENSSL(SslProvider.OPENSSL);

	private final SslProvider netty;

	TlsProvider(SslProvider netty) {
		this.netty = netty;
	}

	SslProvider netty() {
		return this.netty;
	}

	boolean isAvailable() {
		return this == JDK || OpenSsl.isAvailable();
	}

}
