package dev.kvserver.server.http;

import java.util.concurrent.CompletableFuture;

/**
 * An answer that may take long, and that nobody needs any more when the client has left.
 */
public final class PendingAnswer extends CompletableFuture<HttpAnswer> {

	private final Runnable onAbandoned;

	/**
	 * Makes an answer that is still to be given.
	 * @param onAbandoned told, on an event loop, that the client has left; may be told
	 * again
	 */
	public PendingAnswer(Runnable onAbandoned) {
		this.onAbandoned = onAbandoned;
	}

	void abandon() {
		this.onAbandoned.run();
	}

}
