package dev.kvserver.server.http;

/**
 * Knows all paths below a prefix, those that nobody serves included. Any thread.
 */
public interface HttpTree {

	/**
	 * Whether a path is below the prefix.
	 * @param path the whole path
	 * @return {@code true} if it is
	 */
	boolean has(String path);

	/**
	 * Finds the route of a request, or one that says why there is none.
	 * @param method the method, in the client's spelling
	 * @param path a path below the prefix
	 * @return the route
	 */
	HttpRoute find(String method, String path);

}
