package dev.kvserver.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number that grows, such as of calls or bytes. Any thread; never blocks. */
public final class Counter {

	private final LongAdder value = new LongAdder();

	/** Counts one. */
	public void increment() {
		this.value.increment();
	}

	/**
	 * Counts several.
	 * @param count how many; below 0 only for what is under way and ends
	 */
	public void add(long count) {
		this.value.add(count);
	}

	/**
	 * The count so far.
	 * @return the number since the start
	 */
	public long value() {
		return this.value.sum();
	}

}
