package dev.kvserver.server.watch;

import dev.kvserver.server.loop.Clock;

/** A clock that only a test moves. */
final class ManualClock implements Clock {

	private long nanos = Long.MAX_VALUE - 5_000_000_000L;

	@Override
	public long nanoTime() {
		return this.nanos;
	}

	void advance(long byNanos) {
		this.nanos += byNanos;
	}

}
