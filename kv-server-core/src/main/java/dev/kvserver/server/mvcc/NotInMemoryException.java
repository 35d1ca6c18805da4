package dev.kvserver.server.mvcc;

/**
 * A value has to be read from the disk, and the reader must not wait for that. Stackless.
 */
final class NotInMemoryException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	NotInMemoryException() {
		super("a value is not in memory", null, false, false);
	}

}
