package dev.kvserver.server.mvcc;

import dev.kvserver.server.metrics.OperationMetrics;

/**
 * Counts the operations of one transaction that writes, and tells them when it has ended.
 * Apply thread only.
 */
final class TxnOperations {

	private final OperationMetrics metrics;

	private int ranges;

	private int puts;

	private int deletes;

	private long putBytes;

	TxnOperations(OperationMetrics metrics) {
		this.metrics = metrics;
	}

	void range() {
		this.ranges++;
	}

	void put(long bytes) {
		this.puts++;
		this.putBytes += bytes;
	}

	void delete() {
		this.deletes++;
	}

	/** Tells what has been counted since the last call, as one transaction. */
	void end() {
		if (this.puts > 0) {
			this.metrics.puts().add(this.puts);
			this.metrics.putBytes().add(this.putBytes);
		}
		if (this.deletes > 0) {
			this.metrics.deletes().add(this.deletes);
		}
		int writes = this.puts + this.deletes;
		this.puts = 0;
		this.deletes = 0;
		this.putBytes = 0;
		int reads = this.ranges;
		this.ranges = 0;
		count(this.metrics, reads, writes);
	}

	/** Counts the reads of a transaction, and the transaction. */
	static void count(OperationMetrics metrics, int ranges, int writes) {
		if (ranges > 0) {
			metrics.ranges().add(ranges);
		}
		if (ranges + writes > 1) {
			metrics.txns().increment();
		}
	}

}
