package dev.kvserver.server;

import dev.kvserver.proto.etcdserverpb.AlarmMember;
import dev.kvserver.server.http.MetricsLevel;
import dev.kvserver.server.metrics.ApplyMetrics;
import dev.kvserver.server.metrics.CallMetrics;
import dev.kvserver.server.metrics.HealthMetrics;
import dev.kvserver.server.metrics.MetricRegistry;
import dev.kvserver.server.metrics.MetricType;
import dev.kvserver.server.metrics.SampleSink;
import dev.kvserver.server.metrics.ScrapeMetrics;
import dev.kvserver.server.metrics.ServerMetrics;
import dev.kvserver.server.rpc.SentBehind;
import dev.kvserver.server.watch.WatchStats;

/**
 * The metrics of an engine: what its parts count, and what is read from its state when
 * somebody asks.
 */
final class EngineMetrics {

	/** Etcd's feature gates with their stages; those that begin with '+' are on. */
	private static final String[] FEATURES = { "AllAlpha ALPHA", "AllBeta BETA", "CompactHashCheck ALPHA",
			"+FastLeaseKeepAlive BETA", "InitialCorruptCheck ALPHA", "LeaseCheckpoint ALPHA",
			"LeaseCheckpointPersist ALPHA", "PriorityRequest ALPHA", "SetMemberLocalAddr ALPHA",
			"StopGRPCServiceOnDefrag ALPHA", "+TxnModeWriteWithSharedBuffer BETA" };

	private final MetricRegistry registry = new MetricRegistry();

	private final Engine engine;

	private final KvServerOptions options;

	private final CallMetrics calls;

	private final HealthMetrics health = new HealthMetrics();

	private final ScrapeMetrics scrapes = ScrapeMetrics.create();

	EngineMetrics(Engine engine, KvServerOptions options, ApplyMetrics apply) {
		this.engine = engine;
		this.options = options;
		this.calls = new CallMetrics(options.endpoints().metricsLevel() == MetricsLevel.EXTENSIVE);
		new ServerMetrics(engine.store().metrics(), engine.data().log().metrics(), engine.log().metrics(), apply,
				engine.lessor().metrics(), engine.watches().metrics(), this.calls, this.health, this.scrapes)
			.register(this.registry);
		identity();
		leadership();
		proposals();
		store();
		watches();
	}

	private void identity() {
		String version = this.options.version();
		one("etcd_server_version", "Which version is running. 1 for 'server_version' label with current version.",
				"server_version", version);
		one("etcd_cluster_version",
				"Which version is running. 1 for 'cluster_version' label with current cluster version",
				"cluster_version", version.substring(0, version.lastIndexOf('.')));
		one("etcd_server_go_version",
				"Which Go version server is running with. 1 for 'server_go_version' label with current version.",
				"server_go_version", "java" + Runtime.version());
		one("etcd_server_id", "Server or member ID in hexadecimal format. 1 for 'server_id' label with current ID.",
				"server_id", member());
		one("etcd_network_known_peers", "The current number of known peers.", "Local", member(), "Remote", member());
		this.registry.add("etcd_server_feature_enabled", MetricType.GAUGE,
				"Whether or not a feature is enabled. 1 is enabled, 0 is not.", EngineMetrics::features);
	}

	private static void features(SampleSink sink) {
		for (String feature : FEATURES) {
			boolean on = feature.charAt(0) == '+';
			String[] words = feature.substring(on ? 1 : 0).split(" ", 2);
			sink.add(on ? 1 : 0, "name", words[0], "stage", words[1]);
		}
	}

	private void one(String name, String help, String... labels) {
		this.registry.add(name, MetricType.GAUGE, help, (sink) -> sink.add(1, labels));
	}

	private String member() {
		return Long.toHexString(this.engine.data().memberId());
	}

	/** One that refuses all writes is as good as no leader. */
	private void leadership() {
		this.registry.gauge("etcd_server_has_leader", "Whether or not a leader exists. 1 is existence, 0 is not.",
				this::leads);
		this.registry.gauge("etcd_server_is_leader", "Whether or not this member is a leader. 1 if is, 0 otherwise.",
				this::leads);
		this.registry.gauge("etcd_server_is_learner", "Whether or not this member is a learner. 1 if is, 0 otherwise.",
				() -> 0);
		this.registry.counter("etcd_server_leader_changes_seen_total", "The number of leader changes seen.", () -> 1);
	}

	private long leads() {
		return this.engine.health().up() ? 1 : 0;
	}

	private void proposals() {
		this.registry.gauge("etcd_server_proposals_committed_total",
				"The total number of consensus proposals committed.", () -> this.engine.log().committedIndex());
		this.registry.gauge("etcd_server_proposals_applied_total", "The total number of consensus proposals applied.",
				() -> this.engine.store().view().appliedIndex());
		this.registry.counter("etcd_server_read_indexes_failed_total", "The total number of failed read indexes seen.",
				() -> this.engine.barrier().failed().value());
	}

	private void store() {
		this.registry.gauge("etcd_server_quota_backend_bytes", "Current backend storage quota size in bytes.",
				() -> (this.options.quotaBytes() < 0) ? this.options.quotaBytes()
						: this.engine.quota().reportedBytes());
		this.registry.gauge("etcd_mvcc_db_total_size_in_bytes",
				"Total size of the underlying database physically allocated in bytes.",
				() -> this.engine.data().storage().sizeBytes());
		this.registry.gauge("etcd_mvcc_db_total_size_in_use_in_bytes",
				"Total size of the underlying database logically in use in bytes.",
				() -> this.engine.data().storage().sizeInUseBytes());
		this.registry.gauge("etcd_debugging_mvcc_keys_total", "Total number of keys.",
				() -> this.engine.store().view().keyCount());
		this.registry.gauge("etcd_debugging_mvcc_current_revision", "The current revision of store.",
				() -> this.engine.store().view().revision());
		this.registry.gauge("etcd_debugging_mvcc_compact_revision", "The revision of the last compaction in store.",
				() -> this.engine.store().view().compactRevision());
		this.registry.gauge("etcd_debugging_auth_revision", "The current revision of auth store.",
				() -> this.engine.auth().store().state().revision());
		this.registry.add("etcd_debugging_server_alarms", MetricType.GAUGE,
				"Alarms for every member in cluster. 1 for 'server_id' label with current ID. 2 for 'alarm_type' "
						+ "label with type of this alarm",
				this::alarms);
	}

	private void alarms(SampleSink sink) {
		for (AlarmMember alarm : this.engine.alarms().seen()) {
			boolean active = this.engine.alarms().active(alarm.getAlarm()).contains(alarm);
			sink.add(active ? 1 : 0, "alarm_type", alarm.getAlarm().name(), "server_id",
					Long.toHexString(alarm.getMemberID()));
		}
	}

	private void watches() {
		this.registry.counter("etcd_debugging_mvcc_events_total", "Total number of events sent by this member.",
				() -> stats().eventsSent());
		this.registry.gauge("etcd_debugging_mvcc_watch_stream_total", "Total number of watch streams.",
				() -> stats().streams());
		this.registry.gauge("etcd_debugging_mvcc_watcher_total", "Total number of watchers.", () -> stats().watchers());
		this.registry.gauge("etcd_debugging_mvcc_slow_watcher_total", "Total number of unsynced slow watchers.",
				() -> stats().slowWatchers());
		this.registry.gauge("etcd_debugging_mvcc_pending_events_total", "Total number of pending events to be sent.",
				this::pendingRevisions);
	}

	/** Revisions that the watch thread has not come to; there is no other queue. */
	private long pendingRevisions() {
		WatchStats now = stats();
		return (now.watchers() == 0) ? 0 : Math.max(0, this.engine.store().view().revision() - now.position());
	}

	private WatchStats stats() {
		return this.engine.watches().stats();
	}

	MetricRegistry registry() {
		return this.registry;
	}

	CallMetrics calls() {
		return this.calls;
	}

	HealthMetrics health() {
		return this.health;
	}

	ScrapeMetrics scrapes() {
		return this.scrapes;
	}

	/** Adds what a watch service sends without its calls knowing. */
	void add(SentBehind sent) {
		this.calls.method("etcdserverpb.Watch", "Watch", "bidi_stream", true).addSent(sent::messages);
		this.calls.addSentBytes(sent::bytes);
	}

}
