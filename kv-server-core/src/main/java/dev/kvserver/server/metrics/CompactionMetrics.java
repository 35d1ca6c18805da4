package dev.kvserver.server.metrics;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Removal of what lies below the compact revision.
 *
 * @param keys revisions removed
 * @param pauses how long the apply thread was busy with one piece of it
 * @param indexPauses how long it was busy with all pieces of one compaction
 * @param totals how long a compaction took from its first piece to its last
 * @param lastSeconds when the last one ended, in seconds since 1970; 0 for never
 */
public record CompactionMetrics(Counter keys, Histogram pauses, Histogram indexPauses, Histogram totals,
		AtomicLong lastSeconds) {

	static CompactionMetrics create() {
		return new CompactionMetrics(new Counter(), Histogram.ofMillis(1, 13), Histogram.ofMillis(.5, 14),
				Histogram.ofMillis(100, 14), new AtomicLong());
	}

	/**
	 * Notes the end of a compaction.
	 * @param begin when its first piece began, see {@link Histogram#begin()}
	 * @param busyNanos how long the pieces took
	 */
	public void ended(long begin, long busyNanos) {
		this.totals.end(begin);
		this.indexPauses.observe(busyNanos);
		this.lastSeconds.set(Instant.now().getEpochSecond());
	}

	void register(MetricRegistry registry) {
		registry.counter("etcd_debugging_mvcc_db_compaction_keys_total", "Total number of db keys compacted.",
				this.keys);
		registry.gauge("etcd_debugging_mvcc_db_compaction_last",
				"The unix time of the last db compaction. Resets to 0 on start.", this.lastSeconds::get);
		registry.histogram("etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds",
				"Bucketed histogram of db compaction pause duration.", this.pauses);
		registry.histogram("etcd_debugging_mvcc_db_compaction_total_duration_milliseconds",
				"Bucketed histogram of db compaction total duration.", this.totals);
		registry.histogram("etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds",
				"Bucketed histogram of index compaction pause duration.", this.indexPauses);
	}

}
