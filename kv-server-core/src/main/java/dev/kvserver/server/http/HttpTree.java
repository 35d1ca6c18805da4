package dev.kvserver.server.http;

/**
 * Knows all paths below a prefix, those that nobody serves included. Any thread.
 */
public interface HttpTree {

	/**
	 * What all its paths begin with. Of several trees the one with the longest prefix
	 * knows a path.
	 * @return the prefix, starting and ending with '/'
	 */
	String prefix();

	/**
	 * Whether its routes are also served over WebSocket.
	 * @return {@code true} if they are
	 */
	default boolean speaksWebSocket() {
		return false;
	}

	/**
	 * Finds the route of a request, or one that says why there is none.
	 * @param method the method, in the client's spelling
	 * @param path a path below the prefix
	 * @return the route
	 */
	HttpRoute find(String method, String path);

}
