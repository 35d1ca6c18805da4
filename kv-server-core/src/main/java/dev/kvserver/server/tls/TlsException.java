package dev.kvserver.server.tls;

/**
 * Keys, certificates or a revocation list that cannot be used. The message says which and
 * why, and holds no secret.
 */
public final class TlsException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Something does not do.
	 * @param message what and why
	 */
	public TlsException(String message) {
		super(message);
	}

	/**
	 * Something could not be read or used.
	 * @param message what and why
	 * @param cause the failure
	 */
	public TlsException(String message, Throwable cause) {
		super(message, cause);
	}

}
