package dev.kvserver.benchmarks.load.wire;

/**
 * Bytes that are not the message they should be. Without a stack trace.
 */
public final class MalformedMessageException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/**
	 * Makes the exception.
	 * @param message what is wrong
	 */
	public MalformedMessageException(String message) {
		super(message, null, false, false);
	}

}
