package dev.kvserver.server.http;

import com.google.protobuf.ByteString;

/**
 * Takes the body of an answer piece by piece. Any thread, one at a time.
 */
public interface HttpSink {

	/**
	 * Whether the client keeps up. What is written nevertheless waits in memory.
	 * @return {@code false} after enough was written, until {@link HttpStream#ready()}
	 */
	boolean isWritable();

	/**
	 * Sends a piece at once.
	 * @param piece the bytes, may be empty
	 */
	void write(ByteString piece);

	/** Ends the answer. Nothing may be written after it. */
	void end();

}
