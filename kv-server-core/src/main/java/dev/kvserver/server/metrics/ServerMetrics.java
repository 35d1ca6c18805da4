package dev.kvserver.server.metrics;

/**
 * All that a server counts, joined from the parts that count it.
 *
 * @param store the store
 * @param log the log on the disk
 * @param proposals requests on their way through the log
 * @param apply carrying out what was committed
 * @param leases leases
 * @param watches watches
 * @param calls gRPC calls
 * @param health health checks
 * @param scrapes those who ask for the metrics
 */
public record ServerMetrics(StoreMetrics store, LogMetrics log, ProposalMetrics proposals, ApplyMetrics apply,
		LeaseMetrics leases, WatchMetrics watches, CallMetrics calls, HealthMetrics health, ScrapeMetrics scrapes) {

	/**
	 * Adds all families but those that are read from the state of the server.
	 * @param registry where to
	 */
	public void register(MetricRegistry registry) {
		this.store.register(registry, this.watches);
		this.log.register(registry);
		this.proposals.register(registry, this.store);
		this.apply.register(registry, this.store);
		this.leases.register(registry);
		this.watches.register(registry);
		this.calls.register(registry);
		this.health.register(registry);
		this.scrapes.register(registry);
		UnusedFamilies.register(registry);
		ProcessMetrics.register(registry);
		JvmMetrics.register(registry);
	}

}
