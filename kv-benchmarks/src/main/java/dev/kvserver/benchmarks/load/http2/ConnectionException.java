package dev.kvserver.benchmarks.load.http2;

/**
 * A connection that could not be made, or was lost.
 */
public final class ConnectionException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/**
	 * Makes the exception.
	 * @param message what happened
	 */
	public ConnectionException(String message) {
		super(message);
	}

}
