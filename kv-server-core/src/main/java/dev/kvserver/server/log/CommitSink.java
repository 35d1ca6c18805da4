package dev.kvserver.server.log;

import java.util.List;

/**
 * Takes committed entries from the log, in order.
 */
public interface CommitSink {

	/**
	 * Hands over entries that are durable. Called on the log thread; may wait while the
	 * receiver is too far behind.
	 * @param batch at least one entry, indexes consecutive and following the batch before
	 */
	void committed(List<LogEntry> batch);

}
