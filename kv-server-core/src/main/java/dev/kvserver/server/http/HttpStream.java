package dev.kvserver.server.http;

/**
 * Sends the body of an answer piece by piece. Called on an event loop, so no method may
 * block.
 */
public interface HttpStream {

	/**
	 * Begins to send. Called once, when the head of the answer is on its way.
	 * @param sink takes the pieces
	 */
	void start(HttpSink sink);

	/** The sink is writable again. */
	void ready();

	/** The client has left; what is still sent is dropped. */
	void abandon();

}
