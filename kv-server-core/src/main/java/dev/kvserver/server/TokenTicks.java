package dev.kvserver.server;

import java.util.concurrent.TimeUnit;

import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.loop.Clock;

/** Lets the time of tokens pass, a second at once, while auth is enabled. */
final class TokenTicks implements Agent {

	private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final AuthStore auth;

	private final Clock clock;

	private long nextNanos;

	TokenTicks(AuthStore auth, Clock clock) {
		this.auth = auth;
		this.clock = clock;
		this.nextNanos = clock.nanoTime() + TICK_NANOS;
	}

	@Override
	public int doWork() {
		if (!this.auth.state().enabled() || this.clock.nanoTime() - this.nextNanos < 0) {
			return 0;
		}
		this.auth.tokens().tick();
		this.nextNanos = this.clock.nanoTime() + TICK_NANOS;
		return 1;
	}

	/** With auth disabled nothing has to happen until the store tells of a change. */
	@Override
	public long idleNanos() {
		return this.auth.state().enabled() ? TICK_NANOS : Long.MAX_VALUE;
	}

}
