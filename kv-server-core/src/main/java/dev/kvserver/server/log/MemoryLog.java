package dev.kvserver.server.log;

import java.util.List;

import dev.kvserver.server.metrics.LogMetrics;

/**
 * A log that keeps nothing, for a store that keeps nothing: it only counts.
 */
public final class MemoryLog implements Log {

	private final LogMetrics metrics = LogMetrics.create();

	private volatile long lastIndex = FIRST_INDEX - 1;

	@Override
	public long term() {
		return FIRST_TERM;
	}

	@Override
	public long lastIndex() {
		return this.lastIndex;
	}

	@Override
	public void append(List<LogEntry> batch) {
		this.lastIndex = batch.get(batch.size() - 1).index();
	}

	@Override
	public void replay(long afterIndex, CommitSink sink) {
		// Nothing was kept.
	}

	@Override
	public void truncateBefore(long index) {
		// Nothing is kept.
	}

	@Override
	public long appendedBytes() {
		return 0;
	}

	@Override
	public LogMetrics metrics() {
		return this.metrics;
	}

	@Override
	public void prepare() {
		// Appending needs nothing.
	}

	@Override
	public void close() {
		// Holds nothing.
	}

}
