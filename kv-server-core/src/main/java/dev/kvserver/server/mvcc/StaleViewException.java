package dev.kvserver.server.mvcc;

/**
 * A reader's view has been overtaken: a compaction above its revision removed what it was
 * about to read. The reader starts again on the current view, or answers "compacted" when
 * it was asked for that very revision. Stackless.
 */
final class StaleViewException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	StaleViewException() {
		super("the view has been overtaken by a compaction", null, false, false);
	}

}
