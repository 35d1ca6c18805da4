package dev.kvserver.server.metrics;

/**
 * What the log does to the disk.
 *
 * @param writes how long writing a batch takes
 * @param syncs how long making it durable takes
 * @param bytes how much was written
 */
public record LogMetrics(Histogram writes, Histogram syncs, Counter bytes) {

	/**
	 * Makes the metrics of a log.
	 * @return all at 0
	 */
	public static LogMetrics create() {
		return new LogMetrics(Durations.ofDisk(), Durations.ofDisk(), new Counter());
	}

	void register(MetricRegistry registry) {
		registry.histogram("etcd_disk_wal_fsync_duration_seconds", "The latency distributions of fsync called by WAL.",
				this.syncs);
		registry.histogram("etcd_disk_wal_write_duration_seconds", "The latency distributions of write called by WAL.",
				this.writes);
		registry.gauge("etcd_disk_wal_write_bytes_total", "Total number of bytes written in WAL.", this.bytes::value);
	}

}
