package dev.kvserver.server.bolt;

/**
 * A file is not what bbolt writes, or cannot be read. The message names the file and,
 * where there is one, the offset.
 */
public final class BoltFormatException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Makes an exception.
	 * @param message what is wrong where
	 */
	public BoltFormatException(String message) {
		super(message);
	}

	BoltFormatException(String message, Throwable cause) {
		super(message, cause);
	}

}
