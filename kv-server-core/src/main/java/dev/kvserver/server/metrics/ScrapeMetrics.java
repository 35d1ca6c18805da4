package dev.kvserver.server.metrics;

/**
 * Those who ask for the metrics.
 *
 * @param answered how many got them
 * @param failed how many did not, since something failed
 * @param refused how many did not, since there was too much to do
 * @param inFlight how many wait
 */
public record ScrapeMetrics(Counter answered, Counter failed, Counter refused, Counter inFlight) {

	/**
	 * Makes the metrics.
	 * @return all at 0
	 */
	public static ScrapeMetrics create() {
		return new ScrapeMetrics(new Counter(), new Counter(), new Counter(), new Counter());
	}

	void register(MetricRegistry registry) {
		registry.gauge("promhttp_metric_handler_requests_in_flight", "Current number of scrapes being served.",
				this.inFlight::value);
		registry.add("promhttp_metric_handler_requests_total", MetricType.COUNTER,
				"Total number of scrapes by HTTP status code.", (sink) -> {
					sink.add(this.answered.value(), "code", "200");
					sink.add(this.failed.value(), "code", "500");
					sink.add(this.refused.value(), "code", "503");
				});
	}

}
