package dev.kvserver.server.mvcc;

import java.nio.file.Path;

import dev.kvserver.server.storage.Disk;

/**
 * Where a store keeps checkpoints of its index, and how often. A checkpoint only makes
 * the next start faster: it may be deleted at any time.
 *
 * @param disk the disk
 * @param path the file, in an existing directory; a file of the same name with
 * {@code .tmp} behind it is used too
 * @param changesMin how many changes must have to be read at a start for a checkpoint to
 * be worth writing, above 0
 */
public record CheckpointFile(Disk disk, Path path, int changesMin) {

	/** Reading that many changes at a start takes a tenth of a second. */
	public static final int CHANGES_MIN_DEFAULT = 50_000;

	Path temporary() {
		return this.path.resolveSibling(this.path.getFileName() + ".tmp");
	}

	Path directory() {
		Path parent = this.path.toAbsolutePath().getParent();
		return (parent != null) ? parent : this.path;
	}

}
