package dev.kvserver.server.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.server.metrics.HealthMetrics;

/**
 * {@code GET /livez} and {@code GET /readyz}, and each of their checks below them
 * (etcd-contract section 4.3).
 */
public final class ProbeRoutes {

	private static final String SERIALIZABLE_READ = "serializable_read";

	private static final CompletionStage<String> PASSED = CompletableFuture.completedFuture("");

	private final List<HttpRoute> routes = new ArrayList<>();

	private final HealthMetrics metrics;

	private ProbeRoutes(HealthMetrics metrics) {
		this.metrics = metrics;
	}

	/**
	 * Makes the routes.
	 * @param health asked on every request
	 * @param metrics count what comes of the checks
	 * @return the routes
	 */
	public static List<HttpRoute> of(HealthCheck health, HealthMetrics metrics) {
		ProbeRoutes probes = new ProbeRoutes(metrics);
		probes.add("/livez", Map.of(SERIALIZABLE_READ, () -> health.readError(true)));
		Map<String, Check> ready = new LinkedHashMap<>();
		ready.put("data_corruption", () -> corruption(health));
		ready.put(SERIALIZABLE_READ, () -> health.readError(true));
		ready.put("linearizable_read", () -> health.readError(false));
		// A cluster of one has no learner.
		ready.put("non_learner", () -> PASSED);
		probes.add("/readyz", ready);
		return List.copyOf(probes.routes);
	}

	private static CompletionStage<String> corruption(HealthCheck health) {
		return health.alarms().contains(AlarmType.CORRUPT)
				? CompletableFuture.completedFuture("alarm activated: CORRUPT") : PASSED;
	}

	private void add(String path, Map<String, Check> checks) {
		Map<String, Check> counted = new LinkedHashMap<>();
		checks.forEach((name, check) -> counted.put(name, () -> check.error().thenApply((error) -> {
			this.metrics.check(path.substring(1), name, error.isEmpty());
			return error;
		})));
		this.routes.add(HttpRoute.get(path, (query) -> {
			Map<String, Check> asked = new LinkedHashMap<>(counted);
			query.all("exclude").forEach(asked::remove);
			return answer(asked, query);
		}));
		counted.forEach((name, check) -> this.routes
			.add(HttpRoute.get(path + '/' + name, (query) -> answer(Map.of(name, check), query))));
	}

	private static CompletionStage<HttpAnswer> answer(Map<String, Check> checks, HttpQuery query) {
		boolean verbose = query.parameters().containsKey("verbose");
		CompletionStage<Outcome> outcome = CompletableFuture.completedFuture(new Outcome("", false));
		for (Map.Entry<String, Check> check : checks.entrySet()) {
			outcome = outcome.thenCompose(
					(before) -> check.getValue().error().thenApply((error) -> before.and(check.getKey(), error)));
		}
		return outcome.thenApply((all) -> all.answer(verbose));
	}

	/** One check. */
	private interface Check {

		/** The text of what is wrong, empty if nothing is. */
		CompletionStage<String> error();

	}

	/** What came of the checks so far, a line each. */
	private record Outcome(String lines, boolean failed) {

		Outcome and(String name, String error) {
			String line = error.isEmpty() ? "[+]" + name + " ok\n" : "[-]" + name + " failed: " + error + '\n';
			return new Outcome(this.lines + line, this.failed || !error.isEmpty());
		}

		HttpAnswer answer(boolean verbose) {
			if (this.failed) {
				return HttpAnswer.error(503, this.lines);
			}
			// What Go calls an error is plain text with a newline, whatever the status.
			return HttpAnswer.error(200, (verbose ? this.lines : "") + "ok");
		}

	}

}
