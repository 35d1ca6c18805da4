package dev.kvserver.server.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.google.protobuf.ByteString;

/**
 * What is served over HTTP/1. Immutable; any thread.
 */
public final class HttpRoutes {

	private static final HttpAnswer NO_CONTENT = new HttpAnswer(200, Map.of(), ByteString.EMPTY);

	private static final HttpAnswer NOT_FOUND = HttpAnswer.error(404, "404 page not found");

	/** By path, then by method, sorted for the Allow header. */
	private final Map<String, TreeMap<String, HttpRoute>> routes = new HashMap<>();

	private static final String OLD_PREFIX = "/v3beta/";

	private final List<HttpTree> trees;

	/**
	 * Makes the table.
	 * @param routes the routes, no two for the same method and path
	 */
	public HttpRoutes(List<HttpRoute> routes) {
		this(routes, List.of());
	}

	/**
	 * Makes the table.
	 * @param routes the routes, no two for the same method and path
	 * @param trees who knows all paths below a prefix; asked in this order, before the
	 * routes
	 */
	public HttpRoutes(List<HttpRoute> routes, List<HttpTree> trees) {
		this.trees = List.copyOf(trees);
		for (HttpRoute route : routes) {
			HttpRoute other = this.routes.computeIfAbsent(route.path(), (path) -> new TreeMap<>())
				.put(route.method(), route);
			if (other != null) {
				throw new IllegalArgumentException("Two routes for " + route.method() + ' ' + route.path());
			}
		}
	}

	/**
	 * Finds the route of a request, or one that says why there is none. OPTIONS is
	 * allowed everywhere, for the sake of browsers.
	 * @param method the request's method
	 * @param target what it asks for
	 * @return the route
	 */
	HttpRoute find(String method, RequestTarget target) {
		if (method.equals("OPTIONS")) {
			return HttpRoute.always(NO_CONTENT);
		}
		String redirect = target.redirect();
		if (redirect != null) {
			return HttpRoute.always(redirect(method, redirect));
		}
		String path = target.path().startsWith(OLD_PREFIX) ? "/v3/" + target.path().substring(OLD_PREFIX.length())
				: target.path();
		for (HttpTree tree : this.trees) {
			if (tree.has(path)) {
				return tree.find(method, path);
			}
		}
		TreeMap<String, HttpRoute> byMethod = this.routes.get(path);
		if (byMethod == null) {
			return HttpRoute.always(NOT_FOUND);
		}
		HttpRoute route = byMethod.get(method);
		return (route != null) ? route : HttpRoute.always(methodNotAllowed(byMethod));
	}

	private static HttpAnswer redirect(String method, String location) {
		HttpAnswer bare = new HttpAnswer(307, Map.of(), ByteString.EMPTY).with("Location", location);
		if (!method.equals("GET") && !method.equals("HEAD")) {
			return bare;
		}
		String escaped = location.replace("&", "&amp;")
			.replace("<", "&lt;")
			.replace(">", "&gt;")
			.replace("\"", "&#34;")
			.replace("'", "&#39;");
		return new HttpAnswer(307, bare.headers(),
				ByteString.copyFromUtf8("<a href=\"" + escaped + "\">Temporary Redirect</a>.\n\n"))
			.with("Content-Type", "text/html; charset=utf-8");
	}

	private static HttpAnswer methodNotAllowed(Map<String, HttpRoute> byMethod) {
		return HttpAnswer.error(405, "Method Not Allowed").with("Allow", String.join(", ", byMethod.keySet()));
	}

}
