package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;

/** Takes a file page by page, in order. */
@FunctionalInterface
public interface PageSink {

	/**
	 * Takes the next pages.
	 * @param pages one page with its overflow pages; the buffer belongs to the writer and
	 * is used again after the call
	 */
	void write(ByteBuffer pages);

}
