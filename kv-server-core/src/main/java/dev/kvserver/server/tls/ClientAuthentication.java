package dev.kvserver.server.tls;

/** Whether clients are asked for a certificate. */
public enum ClientAuthentication {

	/** They are not. */
	NONE,
	/** They are, and may have none; the one they have must be good. */
	OPTIONAL,
	/** Who has no good certificate is not let in. */
	REQUIRE

}
