package dev.kvserver.server.metrics;

import java.util.List;

/**
 * Requests on their way through the log.
 *
 * @param requests how long each kind took from the proposal to its answer
 * @param pending how many are under way
 * @param failed how many never got into the log, because the server had stopped
 */
public record ProposalMetrics(OutcomeHistograms requests, Counter pending, Counter failed) {

	/**
	 * Makes the metrics of a log's loop.
	 * @param kinds the names of the kinds of requests, in the order of their numbers
	 * @return all at 0
	 */
	public static ProposalMetrics create(List<String> kinds) {
		return new ProposalMetrics(Durations.ofRequests(kinds), new Counter(), new Counter());
	}

	void register(MetricRegistry registry, StoreMetrics store) {
		registry.add("etcd_server_request_duration_seconds", MetricType.HISTOGRAM,
				"Response latency distribution in seconds for each type.", (sink) -> {
					OutcomeHistograms.Each each = (name, success, histogram) -> sink.add(histogram, "success", success,
							"type", name);
					this.requests.forEach(each);
					store.reads().forEach(each);
				});
		registry.gauge("etcd_server_proposals_pending", "The current number of pending proposals to commit.",
				this.pending::value);
		registry.counter("etcd_server_proposals_failed_total", "The total number of failed proposals seen.",
				this.failed);
	}

}
