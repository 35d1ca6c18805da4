package dev.kvserver.server.log;

import java.nio.file.Path;

import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * The file that becomes the next segment, filled with zeros beforehand by another thread
 * than the log's. If it is not ready in time the log waits for it, or makes it itself.
 */
final class SpareSegment {

	private static final String NAME = "spare.tmp";

	private final Disk disk;

	private final Path path;

	private final long sizeBytes;

	/** Whether the file is there in full and synced. */
	private boolean ready;

	SpareSegment(Disk disk, Path directory, long sizeBytes) {
		this.disk = disk;
		this.path = directory.resolve(NAME);
		this.sizeBytes = sizeBytes;
	}

	/** Makes the file ready, unless it is. */
	synchronized void prepare() {
		if (!this.ready) {
			create(this.sizeBytes).close();
			this.ready = true;
		}
	}

	/**
	 * Turns the file into a segment.
	 * @param segment the segment, of the usual size or larger
	 * @param directory the log's directory
	 * @return the open file; its name is durable
	 */
	synchronized DiskFile become(Segment segment, Path directory) {
		boolean usable = this.ready && segment.sizeBytes() == this.sizeBytes;
		this.ready = false;
		DiskFile file = usable ? this.disk.open(this.path) : create(segment.sizeBytes());
		try {
			file.write(segment.sector(), 0);
			file.force();
			this.disk.rename(this.path, segment.path(directory));
			this.disk.syncDirectory(directory);
		}
		finally {
			file.close();
		}
		// Opened by its name: a failure names the file that it happens to.
		return this.disk.open(segment.path(directory));
	}

	private DiskFile create(long sizeBytes) {
		this.disk.delete(this.path);
		DiskFile file = this.disk.create(this.path);
		@Nullable DiskFile unfinished = file;
		try {
			ZeroFill.extend(file, sizeBytes);
			unfinished = null;
			return file;
		}
		finally {
			if (unfinished != null) {
				unfinished.close();
				this.disk.delete(this.path);
			}
		}
	}

	/** Removes the file, as well one that an earlier life left behind. */
	synchronized void remove() {
		this.ready = false;
		this.disk.delete(this.path);
	}

}
