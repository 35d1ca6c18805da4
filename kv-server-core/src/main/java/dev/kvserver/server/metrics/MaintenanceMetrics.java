package dev.kvserver.server.metrics;

/**
 * Work on all of the storage.
 *
 * @param defragmentations how long each took
 * @param defragmenting how many are under way
 * @param snapshots how long each was open
 * @param snapshotsOpen how many are under way
 */
public record MaintenanceMetrics(Histogram defragmentations, Counter defragmenting, Histogram snapshots,
		Counter snapshotsOpen) {

	static MaintenanceMetrics create() {
		return new MaintenanceMetrics(Histogram.ofSeconds(.1, 13), new Counter(), Histogram.ofSeconds(.01, 17),
				new Counter());
	}

	/**
	 * Defragments.
	 * @param work does it, on the calling thread
	 */
	public void defragment(Runnable work) {
		long begin = Histogram.begin();
		this.defragmenting.increment();
		try {
			work.run();
			this.defragmentations.end(begin);
		}
		finally {
			this.defragmenting.add(-1);
		}
	}

	void register(MetricRegistry registry) {
		registry.histogram("etcd_disk_backend_defrag_duration_seconds",
				"The latency distribution of backend defragmentation.", this.defragmentations);
		registry.gauge("etcd_disk_defrag_inflight",
				"Whether or not defrag is active on the member. 1 means active, 0 means not.",
				() -> Math.min(1, this.defragmenting.value()));
		registry.histogram("etcd_disk_backend_snapshot_duration_seconds",
				"The latency distribution of backend snapshots.", this.snapshots);
		// The published view, which all reads share, and the state of each snapshot.
		registry.gauge("etcd_mvcc_db_open_read_transactions", "The number of currently open read transactions",
				() -> 1 + this.snapshotsOpen.value());
	}

}
