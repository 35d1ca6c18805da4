package dev.kvserver.server.http;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.kvserver.server.metrics.HealthMetrics;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.kvserver.server.http.TestConnection.bodyOf;
import static dev.kvserver.server.http.TestConnection.statusOf;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code GET /health} and {@code GET /version}, byte for byte.
 */
class HealthRouteTests {

	private final State state = new State();

	private final TestConnection connection = new TestConnection(HealthRoute.of(this.state, new HealthMetrics()),
			VersionRoute.of(() -> new VersionRoute.Versions("3.7.0", "not_decided", "unknown")));

	@AfterEach
	void close() {
		this.connection.close();
	}

	private String get(String target) {
		return this.connection.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
	}

	@Test
	void aHealthyServerSaysSoWithoutNewline() {
		String answer = get("/health");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 200 OK");
		assertThat(answer).contains("Content-Type: text/plain; charset=utf-8").doesNotContain("nosniff");
		assertThat(bodyOf(answer)).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			NOSPACE         |                                  | ALARM NOSPACE
			CORRUPT         |                                  | ALARM CORRUPT
			NONE            |                                  | ALARM UNKNOWN
			NOSPACE,CORRUPT |                                  | ALARM NOSPACE
			NOSPACE,CORRUPT | ?exclude=NOSPACE                 | ALARM CORRUPT
			NOSPACE,CORRUPT | ?exclude=NOSPACE&exclude=CORRUPT |
			NOSPACE         | ?exclude=nospace                 | ALARM NOSPACE
			CORRUPT         | ?serializable=true               | ALARM CORRUPT
			""")
	void anAlarmIsTheFirstReason(String alarms, String query, String reason) {
		this.state.alarms = List.of(alarms.split(",", -1)).stream().map(AlarmType::valueOf).toList();
		assertHealth(get("/health" + ((query != null) ? query : "")), (reason != null) ? reason : "");
	}

	@Test
	void noLeaderIsTheSecondReasonUnlessAStaleReadWillDo() {
		this.state.leader = false;
		this.state.error = "etcdserver: request timed out";
		assertHealth(get("/health"), "RAFT NO LEADER");
		this.state.error = "";
		assertHealth(get("/health?serializable=true"), "");
		assertThat(this.state.serializable).isTrue();
		assertHealth(get("/health?serializable=TRUE"), "RAFT NO LEADER");
	}

	@Test
	void aFailedReadIsTheLastReason() {
		this.state.error = "etcdserver: \"it\" <broke>\n";
		assertHealth(get("/health"), "RANGE ERROR:etcdserver: \\\"it\\\" \\u003cbroke\\u003e\\n");
		assertThat(this.state.serializable).isFalse();
	}

	private static void assertHealth(String answer, String reason) {
		if (reason.isEmpty()) {
			assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 200 OK");
			return;
		}
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 503 Service Unavailable");
		assertThat(answer).contains("Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff");
		assertThat(bodyOf(answer)).isEqualTo("{\"health\":\"false\",\"reason\":\"" + reason + "\"}\n");
	}

	@Test
	void versionTellsAllThree() {
		String answer = get("/version");
		assertThat(answer).contains("Content-Type: application/json\r\n");
		assertThat(bodyOf(answer))
			.isEqualTo("{\"etcdserver\":\"3.7.0\",\"etcdcluster\":\"not_decided\",\"storage\":\"unknown\"}");
	}

	private static final class State implements HealthCheck {

		private List<AlarmType> alarms = List.of();

		private boolean leader = true;

		private String error = "";

		private boolean serializable;

		@Override
		public List<AlarmType> alarms() {
			return this.alarms;
		}

		@Override
		public boolean hasLeader() {
			return this.leader;
		}

		@Override
		public CompletionStage<String> readError(boolean serializable) {
			this.serializable = serializable;
			return CompletableFuture.completedFuture(this.error);
		}

	}

}
