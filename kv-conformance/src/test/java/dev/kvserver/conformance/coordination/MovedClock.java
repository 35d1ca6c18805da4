package dev.kvserver.conformance.coordination;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import dev.kvserver.server.loop.Clock;

/** A clock that stands still unless somebody moves it. Any thread. */
final class MovedClock implements Clock {

	private final AtomicLong nanos = new AtomicLong();

	@Override
	public long nanoTime() {
		return this.nanos.get();
	}

	void advance(Duration by) {
		this.nanos.addAndGet(by.toNanos());
	}

}
