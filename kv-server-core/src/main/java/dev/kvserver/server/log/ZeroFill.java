package dev.kvserver.server.log;

import java.nio.ByteBuffer;

import dev.kvserver.server.storage.DiskFile;

/**
 * Gives a file its full size in written zeros. A file that is merely long would have its
 * blocks allocated, or marked as written, by the first write to each of them, and a sync
 * would have to wait for the file system's journal as well. In written blocks a sync is
 * one write of data.
 */
final class ZeroFill {

	private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(256 << 10);

	/** Synced in steps, so that a sync of the log never waits behind all of it. */
	private static final int STEP_BYTES = 4 << 20;

	private ZeroFill() {
	}

	/** Extends a file, durably; nothing happens if it is long enough. */
	static void extend(DiskFile file, long sizeBytes) {
		long position = file.size();
		long forced = position;
		while (position < sizeBytes) {
			int length = (int) Math.min(ZEROS.capacity(), sizeBytes - position);
			file.write(ZEROS.duplicate().limit(length), position);
			position += length;
			if (position - forced >= STEP_BYTES || position == sizeBytes) {
				file.force();
				forced = position;
			}
		}
	}

}
