package dev.kvserver.server.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What came of health checks. Any thread.
 */
public final class HealthMetrics {

	private final Counter healthy = new Counter();

	private final Counter unhealthy = new Counter();

	/** By kind and name, with a space between. */
	private final Map<String, Check> checks = new ConcurrentSkipListMap<>();

	/**
	 * Notes an answer of {@code /health}.
	 * @param success whether it was good
	 */
	public void health(boolean success) {
		(success ? this.healthy : this.unhealthy).increment();
	}

	/**
	 * Notes a check of {@code /livez} or {@code /readyz}.
	 * @param kind {@code livez} or {@code readyz}
	 * @param name the check
	 * @param success whether it went well
	 */
	public void check(String kind, String name, boolean success) {
		this.checks.computeIfAbsent(kind + ' ' + name, (key) -> new Check(kind, name)).note(success);
	}

	void register(MetricRegistry registry) {
		registry.counter("etcd_server_health_success", "The total number of successful health checks", this.healthy);
		registry.counter("etcd_server_health_failures", "The total number of failed health checks", this.unhealthy);
		registry.add("etcd_server_healthcheck", MetricType.GAUGE, "The result of each kind of healthcheck.",
				(sink) -> this.checks.values()
					.forEach((check) -> sink.add(check.last ? 1 : 0, "name", check.name, "type", check.kind)));
		registry.add("etcd_server_healthchecks_total", MetricType.COUNTER,
				"The total number of each kind of healthcheck.",
				(sink) -> this.checks.values().forEach((check) -> check.total(sink)));
	}

	private static final class Check {

		private final String kind;

		private final String name;

		private final Counter good = new Counter();

		private final Counter bad = new Counter();

		private volatile boolean last;

		Check(String kind, String name) {
			this.kind = kind;
			this.name = name;
		}

		void note(boolean success) {
			this.last = success;
			(success ? this.good : this.bad).increment();
		}

		void total(SampleSink sink) {
			total(sink, this.bad, "error");
			total(sink, this.good, "success");
		}

		private void total(SampleSink sink, Counter count, String status) {
			if (count.value() > 0) {
				sink.add(count.value(), "name", this.name, "status", status, "type", this.kind);
			}
		}

	}

}
