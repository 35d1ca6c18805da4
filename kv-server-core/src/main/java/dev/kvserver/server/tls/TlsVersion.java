package dev.kvserver.server.tls;

/** A version of TLS. */
public enum TlsVersion {

	/** TLS 1.2. */
	TLS1_2("TLSv1.2"),
	/** TLS 1.3. */
	TLS1_3("TLSv1.3");

	private final String protocol;

	TlsVersion(String protocol) {
		this.protocol = protocol;
	}

	/** The JDK's name. */
	String protocol() {
		return this.protocol;
	}

}
