package dev.kvserver.server.metrics;

import java.util.List;

/**
 * Carrying out what was committed.
 *
 * @param operations how long each kind of request takes
 * @param slow requests that took longer than 100 ms
 */
public record ApplyMetrics(OutcomeHistograms operations, Counter slow) {

	/**
	 * Makes the metrics of an apply loop.
	 * @param kinds the names of the kinds of requests, in the order of their numbers
	 * @return all at 0
	 */
	public static ApplyMetrics create(List<String> kinds) {
		return new ApplyMetrics(Durations.ofSteps(kinds), new Counter());
	}

	/**
	 * Notes requests of one kind that were carried out together.
	 * @param kind the number of the kind
	 * @param success whether it went well
	 * @param begin when it began, see {@link Histogram#begin()}
	 * @param count how many there were, above 0
	 */
	public void applied(int kind, boolean success, long begin, int count) {
		long nanos = Histogram.begin() - begin;
		this.operations.of(kind, success).observe(nanos / count, count);
		if (Durations.isSlow(nanos)) {
			this.slow.increment();
		}
	}

	void register(MetricRegistry registry, StoreMetrics store) {
		registry.add("etcd_server_apply_duration_seconds", MetricType.HISTOGRAM,
				"The latency distributions of v2 apply called by backend.", (sink) -> this.operations.forEach((name,
						success, histogram) -> sink.add(histogram, "op", name, "success", success, "version", "v3")));
		registry.counter("etcd_server_slow_apply_total",
				"The total number of slow apply requests (likely overloaded from slow disk).",
				() -> this.slow.value() + store.slowReads().value());
	}

}
