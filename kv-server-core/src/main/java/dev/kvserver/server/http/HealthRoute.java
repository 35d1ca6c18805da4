package dev.kvserver.server.http;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.server.metrics.HealthMetrics;

/**
 * {@code GET /health} (etcd-contract section 4.3).
 */
public final class HealthRoute {

	private HealthRoute() {
	}

	/**
	 * Makes the route.
	 * @param check asked on every request
	 * @param metrics count the answers
	 * @return the route
	 */
	public static HttpRoute of(HealthCheck check, HealthMetrics metrics) {
		return HttpRoute.get("/health", (query) -> answer(check, query).thenApply((answer) -> {
			metrics.health(answer.status() == 200);
			return answer;
		}));
	}

	private static CompletionStage<HttpAnswer> answer(HealthCheck check, HttpQuery query) {
		List<String> excluded = query.all("exclude");
		for (AlarmType alarm : check.alarms()) {
			if (!excluded.contains(alarm.name())) {
				return CompletableFuture.completedFuture(unhealthy(reason(alarm)));
			}
		}
		boolean serializable = query.first("serializable").equals("true");
		if (!serializable && !check.hasLeader()) {
			return CompletableFuture.completedFuture(unhealthy("RAFT NO LEADER"));
		}
		return check.readError(serializable)
			.thenApply((error) -> error.isEmpty() ? HttpAnswer.text(200, body("true", ""))
					: unhealthy("RANGE ERROR:" + error));
	}

	private static String reason(AlarmType alarm) {
		return switch (alarm) {
			case NOSPACE -> "ALARM NOSPACE";
			case CORRUPT -> "ALARM CORRUPT";
			case NONE, UNRECOGNIZED -> "ALARM UNKNOWN";
		};
	}

	private static HttpAnswer unhealthy(String reason) {
		return HttpAnswer.error(503, body("false", reason));
	}

	private static String body(String health, String reason) {
		return "{\"health\":\"" + health + "\",\"reason\":" + Json.quote(reason) + '}';
	}

}
