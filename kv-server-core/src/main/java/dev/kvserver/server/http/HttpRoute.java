package dev.kvserver.server.http;

import java.util.concurrent.CompletableFuture;

/**
 * Who answers which method on which path.
 *
 * @param method the method, upper case; {@code *} for those without a route of their own
 * @param path the whole path
 * @param maxBodyBytes the largest body the handler gets, 0 if it takes none; a larger one
 * is refused with status 413
 * @param readsBody whether the handler is asked when the head is there, and reads the
 * body, of any length, by itself
 * @param handler who answers
 */
public record HttpRoute(String method, String path, int maxBodyBytes, boolean readsBody, HttpHandler handler) {

	/**
	 * A route whose handler is asked when the body is complete.
	 * @param method the method, upper case
	 * @param path the whole path
	 * @param maxBodyBytes the largest body, 0 for none
	 * @param handler who answers
	 */
	public HttpRoute(String method, String path, int maxBodyBytes, HttpHandler handler) {
		this(method, path, maxBodyBytes, false, handler);
	}

	/** Stands for the methods that no other route of the path is for. */
	static final String ANY = "*";

	/**
	 * A route for whatever it is returned for, with the same answer to everybody.
	 * @param answer the answer
	 * @return the route
	 */
	public static HttpRoute always(HttpAnswer answer) {
		return new HttpRoute("", "", 0, (query) -> CompletableFuture.completedFuture(answer));
	}

	/**
	 * A route for all methods that no other route of its path is for, without body.
	 * @param path the whole path
	 * @param handler who answers
	 * @return the route
	 */
	public static HttpRoute any(String path, HttpHandler handler) {
		return new HttpRoute(ANY, path, 0, handler);
	}

	/**
	 * A route for GET without body.
	 * @param path the whole path
	 * @param handler who answers
	 * @return the route
	 */
	public static HttpRoute get(String path, HttpHandler handler) {
		return new HttpRoute("GET", path, 0, handler);
	}

}
