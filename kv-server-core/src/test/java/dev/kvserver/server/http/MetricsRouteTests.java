package dev.kvserver.server.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.GZIPInputStream;

import com.google.protobuf.ByteString;
import dev.kvserver.server.metrics.MetricRegistry;
import dev.kvserver.server.metrics.ScrapeMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** etcd-contract section 4.4. */
class MetricsRouteTests {

	private static final String TEXT = "# HELP a One.\n# TYPE a gauge\na 1\n";

	private final MetricRegistry registry = new MetricRegistry();

	private final ScrapeMetrics scrapes = ScrapeMetrics.create();

	MetricsRouteTests() {
		this.registry.gauge("a", "One.", () -> 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "POST", "PUT", "DELETE" })
	void textIsGivenByEachMethod(String method) {
		try (TestConnection connection = new TestConnection(route(false))) {
			String answer = connection.send(method + " /metrics HTTP/1.1\r\nHost: kv\r\n\r\n");
			assertThat(TestConnection.statusOf(answer)).isEqualTo("HTTP/1.1 200 OK");
			assertThat(answer)
				.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8; escaping=underscores\r\n");
			assertThat(TestConnection.bodyOf(answer)).isEqualTo(TEXT);
		}
		assertThat(this.scrapes.answered().value()).isEqualTo(1);
		assertThat(this.scrapes.inFlight().value()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "gzip", "deflate, gzip;q=0.5", "GZIP", "br;q=1.0,gzip ; q=1" })
	void itIsZippedForWhoTakesThat(String accepted) throws IOException {
		HttpAnswer answer = ask(false, Map.of("accept-encoding", List.of(accepted)));
		assertThat(answer.headers()).containsEntry("Content-Encoding", "gzip");
		try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(answer.body().toByteArray()))) {
			assertThat(new String(plain.readAllBytes(), UTF_8)).isEqualTo(TEXT);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "identity", "gzip;q=0", "gzip;q=0.00", "xgzip" })
	void itIsPlainForOthers(String accepted) {
		HttpAnswer answer = ask(false, Map.of("accept-encoding", List.of(accepted)));
		assertThat(answer.headers()).doesNotContainKey("Content-Encoding");
		assertThat(answer.body().toStringUtf8()).isEqualTo(TEXT);
	}

	@Test
	void openMetricsIsOfferedOnlyWhereItIsWanted() {
		Map<String, List<String>> wanted = Map.of("accept", List.of("application/openmetrics-text;version=1.0.0"));
		assertThat(ask(false, wanted).body().toStringUtf8()).isEqualTo(TEXT);
		HttpAnswer open = ask(true, wanted);
		assertThat(open.body().toStringUtf8()).endsWith("# EOF\n");
		assertThat(open.headers().get("Content-Type")).startsWith("application/openmetrics-text; version=1.0.0");
		assertThat(ask(true, Map.of()).body().toStringUtf8()).isEqualTo(TEXT);
	}

	@Test
	void whoCannotBeServedIsSentAway() {
		HttpRoute route = MetricsRoute.of(this.registry, this.scrapes, false, (task) -> {
			throw new RejectedExecutionException();
		});
		try (TestConnection connection = new TestConnection(route)) {
			assertThat(TestConnection.statusOf(connection.send("GET /metrics HTTP/1.1\r\nHost: kv\r\n\r\n")))
				.isEqualTo("HTTP/1.1 503 Service Unavailable");
		}
		assertThat(this.scrapes.refused().value()).isEqualTo(1);
		assertThat(this.scrapes.inFlight().value()).isZero();
	}

	private HttpRoute route(boolean openMetrics) {
		return MetricsRoute.of(this.registry, this.scrapes, openMetrics, Runnable::run);
	}

	private HttpAnswer ask(boolean openMetrics, Map<String, List<String>> headers) {
		return route(openMetrics).handler()
			.answer(new HttpQuery("GET", "/metrics", Map.of(), headers, ByteString.EMPTY))
			.toCompletableFuture()
			.join();
	}

}
