package dev.kvserver.server.metrics;

/**
 * What became of leases.
 *
 * @param granted leases granted
 * @param renewed renewals
 * @param revoked leases revoked, those that expired included
 * @param expired leases that expired
 * @param ttls the times to live of those granted, in seconds
 */
public record LeaseMetrics(Counter granted, Counter renewed, Counter revoked, Counter expired, Histogram ttls) {

	/**
	 * Makes the metrics of a lessor.
	 * @return all at 0
	 */
	public static LeaseMetrics create() {
		return new LeaseMetrics(new Counter(), new Counter(), new Counter(), new Counter(), Histogram.ofNumbers(1, 24));
	}

	void register(MetricRegistry registry) {
		registry.counter("etcd_debugging_lease_granted_total", "The total number of granted leases.", this.granted);
		registry.counter("etcd_debugging_lease_renewed_total", "The number of renewed leases seen by the leader.",
				this.renewed);
		registry.counter("etcd_debugging_lease_revoked_total", "The total number of revoked leases.", this.revoked);
		registry.counter("etcd_debugging_server_lease_expired_total", "The total number of expired leases.",
				this.expired);
		registry.histogram("etcd_debugging_lease_ttl_total", "Bucketed histogram of lease TTLs.", this.ttls);
	}

}
