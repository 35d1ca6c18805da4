package dev.kvserver.server.watch;

/**
 * Where the responses of one stream go: the way out of the loop, so that it runs without
 * gRPC. All methods are called on the loop's thread and must not block.
 */
public interface WatchSink {

	/**
	 * Whether more may be sent without piling up. After {@code false} the loop sends
	 * nothing until {@link WatchStream#ready()} is called.
	 * @return {@code false} while enough is on its way already
	 */
	boolean isReady();

	/**
	 * Sends responses, in order.
	 * @param batch at least one response; valid only during the call
	 */
	void send(ResponseBatch batch);

	/**
	 * Tells that requests have been dealt with, so that as many further ones may be
	 * accepted.
	 * @param requests how many, above 0
	 */
	void handled(int requests);

	/**
	 * Tells that the loop has let go of the stream, be it that the client is gone or that
	 * the server stops. Called once; nothing is sent afterwards.
	 */
	void ended();

}
