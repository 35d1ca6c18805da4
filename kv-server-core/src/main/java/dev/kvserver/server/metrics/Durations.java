package dev.kvserver.server.metrics;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Histograms with the bounds that etcd has for several of its own. */
final class Durations {

	/** From when on etcd finds a request slow. */
	private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private Durations() {
	}

	/** From 1 ms to 8 s: what waits for the disk. */
	static Histogram ofDisk() {
		return Histogram.ofSeconds(.001, 14);
	}

	/** The same for requests by name and outcome. */
	static OutcomeHistograms ofRequests(List<String> names) {
		return new OutcomeHistograms(names, Durations::ofDisk);
	}

	/** From 0.1 ms to 52 s: steps of requests, by name and outcome. */
	static OutcomeHistograms ofSteps(List<String> names) {
		return new OutcomeHistograms(names, () -> Histogram.ofSeconds(.0001, 20));
	}

	static boolean isSlow(long nanos) {
		return nanos > SLOW_NANOS;
	}

}
