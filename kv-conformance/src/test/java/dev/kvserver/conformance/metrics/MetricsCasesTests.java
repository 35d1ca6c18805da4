package dev.kvserver.conformance.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The same requests on a real etcd and on us, and the metrics compared after each part
 * (etcd-contract section 5).
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsCasesTests {

	private static final Duration PATIENCE = Duration.ofSeconds(15);

	/** What depends on requests alone, and not on time, disk or process. */
	private static final Pattern COUNTED = Pattern.compile("grpc_server_(started|handled|msg_received|msg_sent)_total"
			+ "|etcd_mvcc_(put|range|delete|txn)_total|etcd_mvcc_hash(_rev)?_duration_seconds"
			+ "|etcd_debugging_mvcc_(keys|events|pending_events|slow_watcher|watch_stream|watcher|db_compaction_keys)"
			+ "_total|etcd_debugging_mvcc_(total_put_size_in_bytes|current_revision|compact_revision)"
			+ "|etcd_debugging_mvcc_(db|index)_compaction_(total|pause)_duration_milliseconds"
			+ "|etcd_debugging_(lease_\\w+|server_lease_expired_total|server_alarms|auth_revision|store_\\w+)"
			+ "|etcd_debugging_server_watch_send_loop_\\w+"
			+ "|etcd_server_(apply|request|range)_duration_seconds|etcd_server_client_requests_total"
			+ "|etcd_server_(health_success|health_failures|healthcheck|healthchecks_total)"
			+ "|etcd_server_proposals_(failed_total|pending)|etcd_server_(has_leader|is_leader|is_learner|id)"
			+ "|etcd_server_(feature_enabled|quota_backend_bytes|leader_changes_seen_total|read_indexes_failed_total)"
			+ "|etcd_disk_(backend_defrag_duration_seconds|defrag_inflight)"
			+ "|etcd_network_(client_grpc_received_bytes_total|server_stream_failures_total|known_peers)"
			+ "|etcd_grpc_proxy_\\w+|etcd_cluster_version");

	/**
	 * Etcd tells its log about itself when it starts; and it has a method of gRPC's
	 * health service that ours has not.
	 */
	private static final Pattern ETCD_ONLY = Pattern
		.compile(".*Cluster(MemberAttr|Version)Set.*|.*grpc_method=List,.*");

	/** Follows from the address of the other members' port. */
	private static final Pattern MEMBER = Pattern.compile("(server_id|Local|Remote)=[0-9a-f]{15,16}\\b");

	private final ServerUnderTest reference = EtcdProcess.startFast(EtcdBinary.reference());

	private final ServerUnderTest candidate = Candidates.start(true);

	private Scrape freshReference;

	private Scrape freshCandidate;

	@BeforeAll
	void requireTheRulesOfToday() {
		assumeThat(EtcdBinary.reference().isAtLeast(3, 7)).as("older versions count otherwise").isTrue();
		this.freshReference = fresh(this.reference);
		this.freshCandidate = fresh(this.candidate);
	}

	/**
	 * Etcd agrees upon the version of the cluster a little after it has begun to serve.
	 */
	private static Scrape fresh(ServerUnderTest server) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		Scrape scrape = Scrape.of(server.port());
		while (scrape.numbers((name) -> name.startsWith("etcd_cluster_version")).isEmpty()
				&& System.nanoTime() - deadline < 0) {
			Thread.onSpinWait();
			scrape = Scrape.of(server.port());
		}
		return scrape;
	}

	@AfterAll
	void close() {
		this.reference.close();
		this.candidate.close();
	}

	@Test
	void afterEachPartOfAHistoryTheCountersAreEtcds() {
		List<String> differences = new ArrayList<>();
		try (MetricsHistory left = new MetricsHistory(this.reference.port());
				MetricsHistory right = new MetricsHistory(this.candidate.port())) {
			Map<String, String> known = new TreeMap<>();
			for (Map.Entry<String, MetricsHistory.Part> part : MetricsHistory.parts().entrySet()) {
				part.getValue().play(left);
				part.getValue().play(right);
				Map<String, String> now = awaitEqual(known);
				now.forEach((series, both) -> {
					if (!both.equals(known.get(series))) {
						differences.add("after " + part.getKey() + ": " + series + " " + both);
					}
				});
				known.clear();
				known.putAll(now);
			}
		}
		assertThat(differences).isEmpty();
	}

	/** Streams that have ended are counted a little later. */
	private Map<String, String> awaitEqual(Map<String, String> known) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		Map<String, String> differences = differences();
		while (!known.keySet().containsAll(differences.keySet()) && System.nanoTime() - deadline < 0) {
			Thread.onSpinWait();
			differences = differences();
		}
		return differences;
	}

	private Map<String, String> differences() {
		Map<String, Double> left = counted(Scrape.of(this.reference.port()));
		Map<String, Double> right = counted(Scrape.of(this.candidate.port()));
		Set<String> names = new TreeSet<>(left.keySet());
		names.addAll(right.keySet());
		Map<String, String> differences = new TreeMap<>();
		for (String name : names) {
			Double one = left.get(name);
			Double other = right.get(name);
			if (one == null || !one.equals(other)) {
				differences.put(name, one + " | " + other);
			}
		}
		return differences;
	}

	private static Map<String, Double> counted(Scrape scrape) {
		Map<String, Double> numbers = new TreeMap<>();
		scrape.numbers((name) -> COUNTED.matcher(name).matches()).forEach((name, number) -> {
			if (!ETCD_ONLY.matcher(name).matches()) {
				numbers.put(MEMBER.matcher(name).replaceAll("$1=SELF"), number);
			}
		});
		return numbers;
	}

	@Test
	void aFreshServerTellsTheSameFamiliesAndSeries() {
		assertThat(counted(this.freshCandidate)).isEqualTo(counted(this.freshReference));
		Set<String> missing = new TreeSet<>(this.freshReference.families().keySet());
		missing.removeAll(this.freshCandidate.families().keySet());
		missing.removeIf((name) -> name.startsWith("go_"));
		assertThat(missing).containsExactly("etcd_server_apply_duration_seconds",
				"etcd_server_request_duration_seconds");
		Set<String> added = new TreeSet<>(this.freshCandidate.families().keySet());
		added.removeAll(this.freshReference.families().keySet());
		assertThat(added).allMatch((name) -> name.startsWith("jvm_"));
	}

	@Test
	void typesAndHelpAreEtcds() {
		this.freshReference.families().forEach((name, family) -> {
			var ours = this.freshCandidate.families().get(name);
			if (ours != null) {
				assertThat(ours.getType()).as(name).isEqualTo(family.getType());
				assertThat(ours.getHelp()).as(name).isEqualTo(family.getHelp());
			}
		});
	}

}
