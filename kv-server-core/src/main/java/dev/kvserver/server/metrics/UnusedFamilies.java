package dev.kvserver.server.metrics;

import static dev.kvserver.server.metrics.MetricType.COUNTER;
import static dev.kvserver.server.metrics.MetricType.GAUGE;
import static dev.kvserver.server.metrics.MetricType.HISTOGRAM;

/**
 * Families of etcd about machinery that a server of one member, or one without bbolt and
 * version 2 of the API, does not have. On one member of etcd they are at 0, too, or have
 * no numbers at all; the exceptions are in {@code docs/metrics.md}.
 */
final class UnusedFamilies {

	private final MetricRegistry registry;

	private UnusedFamilies(MetricRegistry registry) {
		this.registry = registry;
	}

	static void register(MetricRegistry registry) {
		UnusedFamilies families = new UnusedFamilies(registry);
		families.cluster();
		families.peers();
		families.snapshotsOfPeers();
		families.disk();
		families.proxy();
		families.versionTwo();
	}

	private void cluster() {
		zero("etcd_server_heartbeat_send_failures_total", COUNTER,
				"The total number of leader heartbeat send failures (likely overloaded from slow disk).");
		none("etcd_server_learner_promote_failures", COUNTER,
				"The total number of failed learner promotions (likely learner not ready) while this member "
						+ "is leader.");
		zero("etcd_server_learner_promote_successes", COUNTER,
				"The total number of successful learner promotions while this member is leader.");
		zero("etcd_server_slow_read_indexes_total", COUNTER, "The total number of pending read indexes not in sync "
				+ "with leader's or timed out read index requests.");
		zero("etcd_server_snapshot_apply_in_progress_total", GAUGE,
				"1 if the server is applying the incoming snapshot. 0 if none.");
	}

	private void peers() {
		String prefix = "etcd_network_";
		none(prefix + "active_peers", GAUGE, "The current number of active peer connections.");
		none(prefix + "disconnected_peers_total", COUNTER, "The total number of disconnected peers.");
		none(prefix + "peer_received_bytes_total", COUNTER, "The total number of bytes received from peers.");
		none(prefix + "peer_received_failures_total", COUNTER, "The total number of receive failures from peers.");
		none(prefix + "peer_round_trip_time_seconds", HISTOGRAM, "Round-Trip-Time histogram between peers");
		none(prefix + "peer_sent_bytes_total", COUNTER, "The total number of bytes sent to peers.");
		none(prefix + "peer_sent_failures_total", COUNTER, "The total number of send failures from peers.");
	}

	private void snapshotsOfPeers() {
		String prefix = "etcd_network_snapshot_";
		none(prefix + "receive_failures", COUNTER, "Total number of snapshot receive failures");
		none(prefix + "receive_inflights_total", GAUGE, "Total number of inflight snapshot receives");
		none(prefix + "receive_success", COUNTER, "Total number of successful snapshot receives");
		none(prefix + "receive_total_duration_seconds", HISTOGRAM,
				"Total latency distributions of v3 snapshot receives");
		none(prefix + "send_failures", COUNTER, "Total number of snapshot send failures");
		none(prefix + "send_inflights_total", GAUGE, "Total number of inflight snapshot sends");
		none(prefix + "send_success", COUNTER, "Total number of successful snapshot sends");
		none(prefix + "send_total_duration_seconds", HISTOGRAM, "Total latency distributions of v3 snapshot sends");
	}

	private void disk() {
		String commit = "etcd_debugging_disk_backend_commit_";
		empty(commit + "rebalance_duration_seconds",
				"The latency distributions of commit.rebalance called by bboltdb backend.", Durations.ofDisk());
		empty(commit + "spill_duration_seconds", "The latency distributions of commit.spill called by bboltdb backend.",
				Durations.ofDisk());
		empty("etcd_snap_db_fsync_duration_seconds", "The latency distributions of fsyncing .snap.db file",
				Durations.ofDisk());
		empty("etcd_snap_db_save_total_duration_seconds", "The total latency distributions of v3 snapshot save",
				Histogram.ofSeconds(.1, 10));
		empty("etcd_snap_fsync_duration_seconds", "The latency distributions of fsync called by snap.",
				Durations.ofDisk());
		empty("etcd_debugging_snap_save_marshalling_duration_seconds",
				"The marshalling cost distributions of save called by snapshot.", Durations.ofDisk());
		empty("etcd_debugging_snap_save_total_duration_seconds",
				"The total latency distributions of save called by snapshot.", Durations.ofDisk());
	}

	private void proxy() {
		String prefix = "etcd_grpc_proxy_";
		zero(prefix + "cache_hits_total", GAUGE, "Total number of cache hits");
		zero(prefix + "cache_keys_total", GAUGE, "Total number of keys/ranges cached");
		zero(prefix + "cache_misses_total", GAUGE, "Total number of cache misses");
		zero(prefix + "events_coalescing_total", COUNTER, "Total number of events coalescing");
		zero(prefix + "watchers_coalescing_total", GAUGE, "Total number of current watchers coalescing");
	}

	private void versionTwo() {
		String prefix = "etcd_debugging_store_";
		zero(prefix + "expires_total", COUNTER, "Total number of expired keys.");
		none(prefix + "reads_failed_total", COUNTER,
				"Failed read actions by (get/getRecursive), local to this member.");
		none(prefix + "reads_total", COUNTER,
				"Total number of reads action by (get/getRecursive), local to this member.");
		zero(prefix + "watch_requests_total", COUNTER,
				"Total number of incoming watch requests (new or reestablished).");
		zero(prefix + "watchers", GAUGE, "Count of currently active watchers.");
		none(prefix + "writes_failed_total", COUNTER,
				"Failed write actions (e.g. set/compareAndDelete), seen by this member.");
		none(prefix + "writes_total", COUNTER,
				"Total number of writes (e.g. set/compareAndDelete) seen by this member.");
	}

	private void zero(String name, MetricType type, String help) {
		this.registry.add(name, type, help, (sink) -> sink.add(0));
	}

	/** With labels, and no value of theirs. */
	private void none(String name, MetricType type, String help) {
		this.registry.add(name, type, help, (sink) -> {
		});
	}

	private void empty(String name, String help, Histogram histogram) {
		this.registry.histogram(name, help, histogram);
	}

}
