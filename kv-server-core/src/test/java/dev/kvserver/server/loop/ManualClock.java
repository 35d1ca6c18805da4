package dev.kvserver.server.loop;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that a test moves. Any thread may read and move it.
 */
public final class ManualClock implements Clock {

	private final AtomicLong nanos;

	/**
	 * Makes a clock.
	 * @param nanos its first reading
	 */
	public ManualClock(long nanos) {
		this.nanos = new AtomicLong(nanos);
	}

	@Override
	public long nanoTime() {
		return this.nanos.get();
	}

	/**
	 * Moves the clock.
	 * @param by how far
	 */
	public void advance(Duration by) {
		this.nanos.addAndGet(by.toNanos());
	}

}
