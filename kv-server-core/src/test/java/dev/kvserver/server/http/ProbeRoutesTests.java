package dev.kvserver.server.http;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.kvserver.server.metrics.HealthMetrics;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.kvserver.server.http.TestConnection.bodyOf;
import static dev.kvserver.server.http.TestConnection.statusOf;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code GET /livez} and {@code GET /readyz} (etcd-contract section 4.3), byte for byte.
 */
class ProbeRoutesTests {

	private final State state = new State();

	private final TestConnection connection = new TestConnection(
			ProbeRoutes.of(this.state, new HealthMetrics()).toArray(HttpRoute[]::new));

	@AfterEach
	void close() {
		this.connection.close();
	}

	private String get(String target) {
		return this.connection.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/livez", "/livez/serializable_read", "/readyz", "/readyz/data_corruption",
			"/readyz/serializable_read", "/readyz/linearizable_read", "/readyz/non_learner" })
	void allWell(String path) {
		String answer = get(path);
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 200 OK");
		assertThat(answer).contains("Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff");
		assertThat(bodyOf(answer)).isEqualTo("ok\n");
	}

	@Test
	void verboseListsTheChecks() {
		assertThat(bodyOf(get("/livez?verbose"))).isEqualTo("[+]serializable_read ok\nok\n");
		assertThat(bodyOf(get("/readyz?verbose=false"))).isEqualTo("""
				[+]data_corruption ok
				[+]serializable_read ok
				[+]linearizable_read ok
				[+]non_learner ok
				ok
				""");
		assertThat(bodyOf(get("/readyz/non_learner?verbose"))).isEqualTo("[+]non_learner ok\nok\n");
	}

	/** "503 always lists every check", and ends with one more newline. */
	@Test
	void aFailureListsTheChecks() {
		this.state.linearizableError = "etcdserver: no leader";
		String answer = get("/readyz");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 503 Service Unavailable");
		assertThat(answer).contains("Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff");
		assertThat(bodyOf(answer)).isEqualTo("""
				[+]data_corruption ok
				[+]serializable_read ok
				[-]linearizable_read failed: etcdserver: no leader
				[+]non_learner ok

				""");
		assertThat(bodyOf(get("/livez"))).isEqualTo("ok\n");
	}

	@Test
	void onlyCorruptionAmongTheAlarmsCounts() {
		this.state.alarms = List.of(AlarmType.NOSPACE);
		assertThat(bodyOf(get("/readyz"))).isEqualTo("ok\n");
		this.state.alarms = List.of(AlarmType.NOSPACE, AlarmType.CORRUPT);
		assertThat(bodyOf(get("/readyz"))).startsWith("[-]data_corruption failed: alarm activated: CORRUPT\n");
		assertThat(bodyOf(get("/livez"))).isEqualTo("ok\n");
	}

	@Test
	void excludedChecksAreNotMadeAndUnknownNamesAreIgnored() {
		this.state.linearizableError = "x";
		assertThat(bodyOf(get("/readyz?exclude=linearizable_read&exclude=nonsense"))).isEqualTo("ok\n");
		assertThat(statusOf(get("/readyz/linearizable_read?exclude=linearizable_read"))).contains("503");
		assertThat(bodyOf(get("/livez?exclude=serializable_read&verbose"))).isEqualTo("ok\n");
	}

	@Test
	void otherPathsAndMethods() {
		assertThat(statusOf(get("/livez/linearizable_read"))).isEqualTo("HTTP/1.1 404 Not Found");
		String answer = this.connection.send("POST /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 405 Method Not Allowed");
		assertThat(answer).contains("Allow: GET");
	}

	/** The state of a server. */
	private static final class State implements HealthCheck {

		private List<AlarmType> alarms = List.of();

		private String linearizableError = "";

		@Override
		public List<AlarmType> alarms() {
			return this.alarms;
		}

		@Override
		public boolean hasLeader() {
			return true;
		}

		@Override
		public CompletionStage<String> readError(boolean serializable) {
			return CompletableFuture.completedFuture(serializable ? "" : this.linearizableError);
		}

	}

}
