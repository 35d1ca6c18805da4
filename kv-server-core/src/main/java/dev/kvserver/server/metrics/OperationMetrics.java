package dev.kvserver.server.metrics;

/**
 * Operations of the store.
 *
 * @param ranges reads
 * @param puts puts
 * @param deletes deletes, each of a key or a range
 * @param txns transactions with more than one operation
 * @param putBytes bytes of the keys and values that were put
 */
public record OperationMetrics(Counter ranges, Counter puts, Counter deletes, Counter txns, Counter putBytes) {

	static OperationMetrics create() {
		return new OperationMetrics(new Counter(), new Counter(), new Counter(), new Counter(), new Counter());
	}

	void register(MetricRegistry registry, WatchMetrics watches) {
		registry.counter("etcd_mvcc_range_total", "Total number of ranges seen by this member.",
				() -> this.ranges.value() + watches.previousReads().value());
		registry.counter("etcd_mvcc_put_total", "Total number of puts seen by this member.", this.puts);
		registry.counter("etcd_mvcc_delete_total", "Total number of deletes seen by this member.", this.deletes);
		registry.counter("etcd_mvcc_txn_total", "Total number of txns seen by this member.", this.txns);
		registry.gauge("etcd_debugging_mvcc_total_put_size_in_bytes",
				"The total size of put kv pairs seen by this member.", this.putBytes::value);
	}

}
