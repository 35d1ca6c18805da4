package dev.kvserver.server.http;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * What is served over HTTP/1. Immutable; any thread.
 */
public final class HttpRoutes {

	private static final HttpAnswer NO_CONTENT = new HttpAnswer(200, Map.of(), ByteString.EMPTY);

	private static final HttpAnswer NOT_FOUND = HttpAnswer.error(404, "404 page not found");

	/** By path, then by method, sorted for the Allow header. */
	private final Map<String, TreeMap<String, HttpRoute>> routes = new HashMap<>();

	private static final String OLD_PREFIX = "/v3beta/";

	private static final String GATEWAY = "/v3/";

	private static final HttpAnswer NAME_IGNORED = HttpAnswer.error(400,
			"CommonName of client sending a request against gateway will be ignored and not used as expected");

	private static final Pattern METRICS = Pattern.compile("/metrics|/health|/(livez|readyz)(/.*)?");

	private final List<HttpTree> trees;

	private final BooleanSupplier namesMatter;

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
	 * @param trees who knows all paths below a prefix for which there is no route; no two
	 * for the same prefix
	 */
	public HttpRoutes(List<HttpRoute> routes, List<HttpTree> trees) {
		this(routes, trees, () -> false);
	}

	/**
	 * Makes the table.
	 * @param routes the routes, no two for the same method and path
	 * @param trees who knows all paths below a prefix for which there is no route; no two
	 * for the same prefix
	 * @param namesMatter whether callers need a name. Then the gateway, which takes none
	 * from certificates, refuses a client whose certificate has one, so that it does not
	 * believe to be known by it
	 */
	public HttpRoutes(List<HttpRoute> routes, List<HttpTree> trees, BooleanSupplier namesMatter) {
		this.namesMatter = namesMatter;
		this.trees = trees.stream()
			.sorted(Comparator.comparing((HttpTree tree) -> tree.prefix().length()).reversed())
			.toList();
		for (HttpRoute route : routes) {
			HttpRoute other = this.routes.computeIfAbsent(route.path(), (path) -> new TreeMap<>())
				.put(route.method(), route);
			if (other != null) {
				throw new IllegalArgumentException("Two routes for " + route.method() + ' ' + route.path());
			}
		}
	}

	/**
	 * Only what watches over the server: metrics and health.
	 * @return a smaller table
	 */
	public HttpRoutes forMetrics() {
		List<HttpRoute> kept = this.routes.values()
			.stream()
			.flatMap((byMethod) -> byMethod.values().stream())
			.filter((route) -> METRICS.matcher(route.path()).matches())
			.toList();
		return new HttpRoutes(kept);
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
		String path = path(target);
		TreeMap<String, HttpRoute> byMethod = this.routes.get(path);
		if (byMethod == null) {
			HttpTree tree = tree(path);
			return (tree != null) ? tree.find(method, path) : HttpRoute.always(NOT_FOUND);
		}
		HttpRoute route = byMethod.getOrDefault(method, byMethod.get(HttpRoute.ANY));
		return (route != null) ? route : HttpRoute.always(methodNotAllowed(byMethod));
	}

	/**
	 * Why a client is refused that has shown a certificate.
	 * @param target what it asks for
	 * @param commonName of the certificate, {@code null} if there is none
	 * @return the answer, {@code null} if the client may go on
	 */
	@Nullable HttpAnswer refusal(RequestTarget target, @Nullable String commonName) {
		boolean misled = commonName != null && !commonName.isEmpty() && path(target).startsWith(GATEWAY)
				&& tree(GATEWAY) != null && this.namesMatter.getAsBoolean();
		return misled ? NAME_IGNORED : null;
	}

	private static String path(RequestTarget target) {
		return target.path().startsWith(OLD_PREFIX) ? GATEWAY + target.path().substring(OLD_PREFIX.length())
				: target.path();
	}

	/**
	 * Finds the route of a request that comes over a WebSocket.
	 * @param target what it asks for
	 * @return the route, or {@code null} if there is no WebSocket at the path
	 */
	@Nullable HttpRoute findForWebSocket(RequestTarget target) {
		String path = path(target);
		HttpTree tree = (target.redirect() == null) ? tree(path) : null;
		return (tree != null && tree.speaksWebSocket()) ? tree.find("POST", path) : null;
	}

	private @Nullable HttpTree tree(String path) {
		for (HttpTree tree : this.trees) {
			if (path.startsWith(tree.prefix())) {
				return tree;
			}
		}
		return null;
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
