package dev.kvserver.server.http;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * {@code GET /version} (etcd-contract section 4.4).
 */
public final class VersionRoute {

	private VersionRoute() {
	}

	/**
	 * Makes the route.
	 * @param versions asked on every request; must not block
	 * @return the route
	 */
	public static HttpRoute of(Supplier<Versions> versions) {
		return HttpRoute.get("/version", (query) -> {
			Versions now = versions.get();
			return CompletableFuture
				.completedFuture(HttpAnswer.json("{\"etcdserver\":" + Json.quote(now.server()) + ",\"etcdcluster\":"
						+ Json.quote(now.cluster()) + ",\"storage\":" + Json.quote(now.storage()) + '}'));
		});
	}

	/**
	 * The three versions etcd tells.
	 *
	 * @param server of this member
	 * @param cluster that all members agree on; "not_decided" before they did
	 * @param storage of the stored data; "unknown" before it is known
	 */
	public record Versions(String server, String cluster, String storage) {

	}

}
