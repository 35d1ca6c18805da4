package dev.kvserver.server.port;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Waits for a state that other threads bring about.
 */
final class Eventually {

	private static final long PATIENCE_NANOS = 20_000_000_000L;

	private static final long PAUSE_NANOS = 500_000L;

	private Eventually() {
	}

	static void assertEventually(String state, BooleanSupplier isReached) {
		long start = System.nanoTime();
		while (!isReached.getAsBoolean() && System.nanoTime() - start < PATIENCE_NANOS) {
			LockSupport.parkNanos(PAUSE_NANOS);
		}
		assertThat(isReached.getAsBoolean()).as(state).isTrue();
	}

}
