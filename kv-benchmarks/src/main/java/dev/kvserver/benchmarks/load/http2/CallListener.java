package dev.kvserver.benchmarks.load.http2;

/**
 * Hears what a call brings. Called by the thread of the loop, and must not block it.
 */
public interface CallListener {

	/**
	 * A message came.
	 * @param bytes what it lies in, valid during the call only
	 * @param from where it begins
	 * @param to where it ends
	 * @throws dev.kvserver.benchmarks.load.wire.MalformedMessageException if it cannot be
	 * read; the call then ends with {@link CallStatus#GARBLED}
	 */
	void message(byte[] bytes, int from, int to);

	/**
	 * The call ended. It may be started again.
	 * @param status how, see {@link CallStatus}
	 * @param text what the server or the driver has to say about it, perhaps empty
	 */
	void closed(int status, String text);

}
