package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.DiskFile;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Writes a checkpoint of the index: aside, and put in the place of the one before only
 * when it is whole and durable, and the storage holds durably what it was made from.
 */
final class CheckpointWriter {

	private final CheckpointFile file;

	private final Storage storage;

	CheckpointWriter(CheckpointFile file, Storage storage) {
		this.file = file;
		this.storage = storage;
	}

	/**
	 * Writes the index of a view.
	 * @param view the view
	 * @param stopped asked now and then whether to give up
	 * @return how many changes of keys it holds, or -1 if it was not written
	 */
	long write(StoreView view, BooleanSupplier stopped) {
		Disk disk = this.file.disk();
		Integer lastChange = lastChange(this.storage, view.revision());
		if (lastChange == null) {
			return -1;
		}
		disk.delete(this.file.temporary());
		boolean inPlace = false;
		try {
			long size = writeAside(view, lastChange, stopped);
			if (size >= 0) {
				this.storage.flush();
				disk.rename(this.file.temporary(), this.file.path());
				inPlace = true;
				disk.syncDirectory(this.file.directory());
			}
			return size;
		}
		finally {
			if (!inPlace) {
				disk.delete(this.file.temporary());
			}
		}
	}

	private long writeAside(StoreView view, int lastChange, BooleanSupplier stopped) {
		try (DiskFile open = this.file.disk().create(this.file.temporary())) {
			return write(open, view, lastChange, stopped);
		}
	}

	private static long write(DiskFile open, StoreView view, int lastChange, BooleanSupplier stopped) {
		CheckpointBlock block = new CheckpointBlock(view.revision());
		TreeIndex.Cursor cursor = view.index().cursor(new byte[0]);
		long position = CheckpointHeader.BYTES;
		long keys = 0;
		long blocks = 0;
		long size = 0;
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			block.add(key);
			keys++;
			size += 1 + key.olderCount();
			if (block.isFull()) {
				if (stopped.getAsBoolean()) {
					return -1;
				}
				position += write(open, position, block.encode(blocks++));
				block.begin();
			}
		}
		if (!block.isEmpty()) {
			write(open, position, block.encode(blocks++));
		}
		open.write(new CheckpointHeader(view.revision(), view.compactRevision(), keys, blocks, lastChange).encode(), 0);
		open.force();
		return size;
	}

	private static int write(DiskFile open, long position, ByteBuffer block) {
		int size = block.remaining();
		open.write(block, position);
		return size;
	}

	/** The checksum of the last stored change of a revision; none if there is none. */
	static @Nullable Integer lastChange(Storage storage, long revision) {
		Integer checksum = null;
		byte[] from = Revision.encode(revision, 0, false);
		try (Storage.Scan scan = storage.scan(Bucket.KEY, from, Revision.encode(revision + 1, 0, false))) {
			while (scan.next()) {
				checksum = CheckpointHeader.checksum(scan.key(), scan.value());
			}
		}
		return checksum;
	}

}
