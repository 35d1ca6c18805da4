package dev.kvserver.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpRoute;
import dev.kvserver.server.http.HttpTree;

/** Routes to the application's own handlers. */
final class ExtensionRoutes {

	private ExtensionRoutes() {
	}

	/** The routes of handlers of one path each. */
	static List<HttpRoute> routes(List<KvHttpHandler> handlers) {
		List<HttpRoute> routes = new ArrayList<>();
		for (KvHttpHandler handler : handlers) {
			check(handler);
			if (!isTree(handler)) {
				handler.methods().forEach((method) -> routes.add(route(handler, method)));
			}
		}
		return routes;
	}

	/** The handlers of all paths below theirs. */
	static List<HttpTree> trees(List<KvHttpHandler> handlers) {
		Map<String, HttpTree> trees = new HashMap<>();
		for (KvHttpHandler handler : handlers) {
			if (isTree(handler) && trees.put(handler.path(), new Subtree(handler)) != null) {
				throw new IllegalArgumentException("Two HTTP handlers for " + handler.path());
			}
		}
		return List.copyOf(trees.values());
	}

	private static void check(KvHttpHandler handler) {
		if (!handler.path().startsWith("/") || handler.methods().isEmpty() || handler.maxBodyBytes() < 0) {
			throw new IllegalArgumentException("The HTTP handler " + handler + " for '" + handler.path()
					+ "' needs a path that starts with '/', at least one method, and a body size of 0 or more");
		}
	}

	private static boolean isTree(KvHttpHandler handler) {
		return handler.path().endsWith("/");
	}

	private static HttpRoute route(KvHttpHandler handler, String method) {
		return new HttpRoute(method, handler.path(), handler.maxBodyBytes(), handler);
	}

	/** All paths below a handler's. */
	private record Subtree(KvHttpHandler handler) implements HttpTree {

		@Override
		public String prefix() {
			return this.handler.path();
		}

		@Override
		public HttpRoute find(String method, String path) {
			if (this.handler.methods().contains(method)) {
				return route(this.handler, method);
			}
			HttpAnswer refused = HttpAnswer.error(405, "Method Not Allowed");
			return HttpRoute
				.always(refused.with("Allow", String.join(", ", this.handler.methods().stream().sorted().toList())));
		}

	}

}
