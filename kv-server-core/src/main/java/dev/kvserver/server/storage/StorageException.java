package dev.kvserver.server.storage;

import org.jspecify.annotations.Nullable;

/**
 * The disk, or what lies on it, has failed. The message says what was being done and
 * names file and, where there is one, offset.
 */
public class StorageException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Makes an exception.
	 * @param message what failed, with file and offset
	 * @param cause the underlying failure, or {@code null}
	 */
	public StorageException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
