package dev.kvserver.server.storage;

import java.nio.ByteBuffer;

/**
 * An open file of a {@link Disk}. One thread at a time.
 */
public interface DiskFile extends AutoCloseable {

	/**
	 * Writes all remaining bytes, growing the file if needed. After a failure any part of
	 * them may have been written.
	 * @param source the bytes; afterwards nothing remains
	 * @param position where to, from 0
	 */
	void write(ByteBuffer source, long position);

	/**
	 * Reads until the target is full or the file ends.
	 * @param target takes the bytes
	 * @param position where from, from 0
	 * @return how many bytes were read; less than remained only at the end of the file
	 */
	int read(ByteBuffer target, long position);

	/**
	 * Makes what was written durable, and the size of the file if it has grown. After a
	 * failure it is unknown what is durable, and trying again proves nothing.
	 */
	void force();

	/**
	 * The size.
	 * @return bytes
	 */
	long size();

	@Override
	void close();

}
