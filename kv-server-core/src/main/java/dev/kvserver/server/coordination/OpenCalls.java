package dev.kvserver.server.coordination;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls that wait for somebody, so that a stop need not wait for them. Any thread.
 */
final class OpenCalls {

	private final Set<Runnable> stops = ConcurrentHashMap.newKeySet();

	private volatile boolean draining;

	/** Notes what stops a call; it may be run at once, and more than once. */
	void add(Runnable stop) {
		this.stops.add(stop);
		if (this.draining) {
			stop.run();
		}
	}

	void remove(Runnable stop) {
		this.stops.remove(stop);
	}

	/** Stops all of them, and those to come. */
	void drain() {
		this.draining = true;
		this.stops.forEach(Runnable::run);
	}

	int size() {
		return this.stops.size();
	}

}
