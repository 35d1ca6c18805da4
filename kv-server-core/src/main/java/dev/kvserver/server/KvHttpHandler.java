package dev.kvserver.server;

import java.util.Set;

import dev.kvserver.server.http.HttpHandler;

/**
 * A page or service of the application's own over HTTP on the client port, such as etcd's
 * user handlers. Called on an event loop: it must not block, and completes its answer on
 * any thread. No auth is asked for; that is the handler's own business.
 * <p>
 * Of two handlers the one with the longer path is asked. Whole paths of the server
 * itself, such as {@code /version}, cannot be taken.
 */
public interface KvHttpHandler extends HttpHandler {

	/**
	 * Where it answers.
	 * @return a whole path starting with '/', or, if it ends in '/', all paths below it
	 */
	String path();

	/**
	 * What it answers to; other methods are refused with status 405. OPTIONS is answered
	 * for it.
	 * @return the methods in upper case, not empty
	 */
	default Set<String> methods() {
		return Set.of("GET");
	}

	/**
	 * The largest body it takes; a larger one is refused with status 413.
	 * @return a number of bytes, 0 for no body
	 */
	default int maxBodyBytes() {
		return 0;
	}

}
