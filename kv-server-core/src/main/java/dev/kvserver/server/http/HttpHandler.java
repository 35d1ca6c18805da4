package dev.kvserver.server.http;

import java.util.concurrent.CompletionStage;

/**
 * Answers the requests of a route.
 */
@FunctionalInterface
public interface HttpHandler {

	/**
	 * Answers one request. Called on an event loop, so it must not block; whatever takes
	 * time completes the result later, on any thread.
	 * @param query the request
	 * @return the answer; a failure is reported as status 500
	 */
	CompletionStage<HttpAnswer> answer(HttpQuery query);

}
