package dev.kvserver.server.storage;

import org.jspecify.annotations.Nullable;

/**
 * Data cannot be restored: from that file, or into that directory. Nothing has been
 * changed unless the message says so.
 */
public final class RestoreException extends StorageException {

	private static final long serialVersionUID = 1L;

	/**
	 * Makes an exception.
	 * @param message what is wrong with which file or directory
	 * @param cause the underlying failure, or {@code null}
	 */
	public RestoreException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
