package dev.kvserver.server.metrics;

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CallMetricsTests {

	private final CallMetrics calls = new CallMetrics(true);

	private final MetricRegistry registry = new MetricRegistry();

	CallMetricsTests() {
		this.calls.register(this.registry);
	}

	@Test
	void aMethodThatIsAlwaysToldBeginsAtZeroForEachCode() {
		this.calls.method("s", "M", "unary", true);
		assertThat(family("grpc_server_handled_total").samples()).hasSize(17)
			.allMatch((sample) -> sample.value() == 0)
			.extracting((sample) -> sample.labels().get(1))
			.startsWith("OK", "Canceled", "Unknown")
			.endsWith("Unauthenticated");
		assertThat(family("grpc_server_started_total").samples())
			.containsExactly(new Sample("", List.of("grpc_method", "M", "grpc_service", "s", "grpc_type", "unary"), 0));
	}

	@Test
	void anotherIsToldFromItsFirstCallOn() {
		MethodMetrics method = this.calls.method("s", "M", "bidi_stream", false);
		assertThat(family("grpc_server_started_total").samples()).isEmpty();
		method.started();
		method.handled(1, Histogram.begin());
		method.sent(3);
		method.addSent(() -> 4);
		assertThat(family("grpc_server_started_total").samples()).hasSize(1);
		assertThat(family("grpc_server_msg_received_total").samples()).isEmpty();
		assertThat(family("grpc_server_msg_sent_total").samples()).extracting(Sample::value).containsExactly(7.0);
		assertThat(family("grpc_server_handled_total").samples()).extracting((sample) -> sample.labels().get(1))
			.containsExactly("Canceled");
		assertThat(family("grpc_server_handling_seconds").samples()).hasSize(14);
	}

	@Test
	void versionsOfClientsDoNotFillTheMemory() {
		assertThat(this.calls.version("unknown".getBytes(StandardCharsets.UTF_8)))
			.isSameAs(this.calls.unknownVersion());
		for (int i = 0; i < 1000; i++) {
			this.calls.version(("3." + i).getBytes(StandardCharsets.UTF_8)).called(true);
		}
		List<Sample> samples = family("etcd_server_client_requests_total").samples();
		assertThat(samples).hasSize(64);
		assertThat(samples.get(0).labels()).containsExactly("client_api_version", "3.0", "type", "unary");
		assertThat(samples.get(63).labels()).contains("other");
		assertThat(samples.get(63).value()).isEqualTo(1000 - 63);
	}

	private MetricFamily family(String name) {
		return this.registry.gather().stream().filter((each) -> each.name().equals(name)).findFirst().orElseThrow();
	}

}
