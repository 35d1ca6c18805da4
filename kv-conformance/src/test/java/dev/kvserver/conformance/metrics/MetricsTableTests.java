package dev.kvserver.conformance.metrics;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.http.HttpEndpoints;
import dev.kvserver.server.http.MetricsLevel;
import dev.kvserver.server.metrics.MetricFamily;
import dev.kvserver.server.port.PortOptions;
import org.hawkular.agent.prometheus.types.Histogram;
import org.hawkular.agent.prometheus.types.Metric;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each row of etcd's table of metrics (etcd-contract sections 5.2 and 5.5) on a running
 * server that has seen requests of all kinds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsTableTests {

	/** Families with labels that have no values on a server of one member. */
	private static final Set<String> WITHOUT_NUMBERS = Set.of("etcd_network_active_peers",
			"etcd_network_disconnected_peers_total", "etcd_network_peer_received_bytes_total",
			"etcd_network_peer_received_failures_total", "etcd_network_peer_round_trip_time_seconds",
			"etcd_network_peer_sent_bytes_total", "etcd_network_peer_sent_failures_total",
			"etcd_network_snapshot_receive_failures", "etcd_network_snapshot_receive_inflights_total",
			"etcd_network_snapshot_receive_success", "etcd_network_snapshot_receive_total_duration_seconds",
			"etcd_network_snapshot_send_failures", "etcd_network_snapshot_send_inflights_total",
			"etcd_network_snapshot_send_success", "etcd_network_snapshot_send_total_duration_seconds",
			"etcd_network_server_stream_failures_total", "etcd_server_learner_promote_failures",
			"etcd_debugging_store_reads_failed_total", "etcd_debugging_store_reads_total",
			"etcd_debugging_store_writes_failed_total", "etcd_debugging_store_writes_total");

	private final KvServer server = start();

	private final Map<String, org.hawkular.agent.prometheus.types.MetricFamily> told = playAndScrape();

	private final Map<String, MetricFamily> known = this.server.metrics()
		.stream()
		.collect(Collectors.toMap(MetricFamily::name, Function.identity()));

	private static KvServer start() {
		KvServer server = KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.endpoints(new HttpEndpoints(true, true, true, MetricsLevel.EXTENSIVE, false, true, false, null))
			.build());
		server.listen();
		return server;
	}

	private Map<String, org.hawkular.agent.prometheus.types.MetricFamily> playAndScrape() {
		try (MetricsHistory history = new MetricsHistory(this.server.port())) {
			MetricsHistory.parts().values().forEach((part) -> part.play(history));
		}
		return Scrape.of(this.server.port()).families();
	}

	@AfterAll
	void close() {
		this.server.close();
	}

	static List<TableRow> rows() {
		return TableRow.all();
	}

	@Test
	void theTableIsWhole() {
		assertThat(rows()).hasSize(116);
	}

	@ParameterizedTest
	@MethodSource("rows")
	void nameTypeAndHelpAreEtcds(TableRow row) {
		assertThat(this.known).containsKey(row.name());
		MetricFamily family = Objects.requireNonNull(this.known.get(row.name()));
		assertThat(family.type().name().toLowerCase(Locale.ROOT)).isEqualTo(row.type());
		assertThat(family.help()).isEqualTo(row.help());
		var parsed = this.told.get(row.name());
		assertThat(parsed == null).isEqualTo(WITHOUT_NUMBERS.contains(row.name()));
		if (parsed != null) {
			assertThat(parsed.getType().name().toLowerCase(Locale.ROOT)).isEqualTo(row.type());
			assertThat(parsed.getHelp()).isEqualTo(row.help());
		}
	}

	@ParameterizedTest
	@MethodSource("rows")
	void labelsAndBucketsAreEtcds(TableRow row) {
		var parsed = this.told.get(row.name());
		if (parsed == null) {
			return;
		}
		for (Metric metric : parsed.getMetrics()) {
			assertThat(metric.getLabels().keySet()).containsExactlyInAnyOrderElementsOf(row.labels());
			List<Double> bounds = new ArrayList<>();
			if (metric instanceof Histogram histogram) {
				histogram.getBuckets().forEach((bucket) -> bounds.add(bucket.getUpperBound()));
				assertThat(bounds.remove(bounds.size() - 1)).isInfinite();
			}
			assertThat(bounds).isEqualTo(row.bounds());
		}
	}

	@Test
	void labelsAreInOrder() {
		for (MetricFamily family : this.known.values()) {
			family.samples().forEach((sample) -> {
				List<String> names = new ArrayList<>();
				for (int i = 0; i < sample.labels().size(); i += 2) {
					names.add(sample.labels().get(i));
				}
				names.remove("le");
				assertThat(names).as(family.name()).isEqualTo(List.copyOf(new TreeSet<>(names)));
			});
		}
	}

	@Test
	void whatDashboardsLookAtHasANumber() {
		List<String> watched = rows().stream()
			.filter(TableRow::watched)
			.map(TableRow::name)
			.filter((name) -> !WITHOUT_NUMBERS.contains(name))
			.toList();
		assertThat(watched).isNotEmpty();
		assertThat(this.told.keySet()).containsAll(watched)
			.contains("process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
					"process_max_fds", "process_start_time_seconds", "process_virtual_memory_bytes");
	}

}
