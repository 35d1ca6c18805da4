package dev.kvserver.server;

/**
 * A blocking call on the embedded store did not end in time. Whether a write has happened
 * is unknown.
 */
public final class KvTimeoutException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	KvTimeoutException(String message) {
		super(message);
	}

}
