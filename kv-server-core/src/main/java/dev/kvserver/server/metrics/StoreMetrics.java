package dev.kvserver.server.metrics;

import java.util.List;

/**
 * What the store counts, by etcd's rules (etcd-contract section 5.1): reads and writes
 * also inside of transactions and where a request takes one by itself; deletes by request
 * and not by key; transactions of the store with more than one operation.
 *
 * @param operations reads, puts and deletes
 * @param reads how long requests that only read take, see {@link #RANGE}
 * @param ranges how long the reading itself takes, name 0
 * @param slowReads reads that took longer than 100 ms
 * @param commits how long a write to the storage takes
 * @param hashes how long hashing everything takes
 * @param revisionHashes how long hashing the history takes
 * @param compaction removal of old revisions
 * @param maintenance defragmentation and snapshots
 */
public record StoreMetrics(OperationMetrics operations, OutcomeHistograms reads, OutcomeHistograms ranges,
		Counter slowReads, Histogram commits, Histogram hashes, Histogram revisionHashes, CompactionMetrics compaction,
		MaintenanceMetrics maintenance) {

	/** The number of Range in {@link #reads()}. */
	public static final int RANGE = 0;

	/** The number of a transaction that only reads in {@link #reads()}. */
	public static final int READONLY_TXN = 1;

	/**
	 * Makes the metrics of a store.
	 * @return all at 0
	 */
	public static StoreMetrics create() {
		return new StoreMetrics(OperationMetrics.create(), Durations.ofRequests(List.of("Range", "ReadonlyTxn")),
				Durations.ofSteps(List.of("")), new Counter(), Durations.ofDisk(), Histogram.ofSeconds(.01, 15),
				Histogram.ofSeconds(.01, 15), CompactionMetrics.create(), MaintenanceMetrics.create());
	}

	/**
	 * Notes a read that was answered or refused.
	 * @param kind {@link #RANGE} or {@link #READONLY_TXN}
	 * @param success whether it was answered
	 * @param begin when the request came, see {@link Histogram#begin()}
	 */
	public void read(int kind, boolean success, long begin) {
		long nanos = Histogram.begin() - begin;
		this.reads.of(kind, success).observe(nanos);
		if (Durations.isSlow(nanos)) {
			this.slowReads.increment();
		}
	}

	void register(MetricRegistry registry, WatchMetrics watches) {
		this.operations.register(registry, watches);
		registry.add("etcd_server_range_duration_seconds", MetricType.HISTOGRAM,
				"The latency distributions of txn.Range",
				(sink) -> this.ranges.forEach((name, success, histogram) -> sink.add(histogram, "success", success)));
		registry.histogram("etcd_disk_backend_commit_duration_seconds",
				"The latency distributions of commit called by backend.", this.commits);
		registry.histogram("etcd_debugging_disk_backend_commit_write_duration_seconds",
				"The latency distributions of commit.write called by bboltdb backend.", this.commits);
		registry.histogram("etcd_mvcc_hash_duration_seconds", "The latency distribution of storage hash operation.",
				this.hashes);
		registry.histogram("etcd_mvcc_hash_rev_duration_seconds",
				"The latency distribution of storage hash by revision operation.", this.revisionHashes);
		this.compaction.register(registry);
		this.maintenance.register(registry);
	}

}
