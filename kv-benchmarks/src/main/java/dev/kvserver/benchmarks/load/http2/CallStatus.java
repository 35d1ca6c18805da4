package dev.kvserver.benchmarks.load.http2;

/**
 * How a call ended: a status of gRPC, from 0 to 16, or one of the driver's own.
 */
public final class CallStatus {

	/** All is well. */
	public static final int OK = 0;

	/** The call has not ended, or it ended without a status. */
	public static final int NONE = 100;

	/** The connection broke. */
	public static final int LOST = 101;

	/** The server reset the stream. */
	public static final int RESET = 102;

	/** The HTTP status was not 200. */
	public static final int HTTP = 103;

	/** A message could not be read. */
	public static final int GARBLED = 104;

	private CallStatus() {
	}

}
