package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.nio.file.Path;

import dev.kvserver.server.storage.DiskFile;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** Reads a checkpoint of the index. Every block is checked before it is used. */
final class CheckpointReader {

	private final CheckpointFile file;

	CheckpointReader(CheckpointFile file) {
		this.file = file;
	}

	/**
	 * Reads the file.
	 * @return what it holds, or {@code null} if there is none
	 * @throws StorageException if it is damaged or cannot be read
	 */
	@Nullable Checkpoint read() {
		Path name = this.file.path().getFileName();
		for (Path present : this.file.disk().list(this.file.directory())) {
			if (present.getFileName().equals(name)) {
				try (DiskFile open = this.file.disk().open(this.file.path())) {
					return read(open);
				}
			}
		}
		return null;
	}

	private Checkpoint read(DiskFile open) {
		ByteBuffer bytes = ByteBuffer.allocate(CheckpointHeader.BYTES);
		CheckpointHeader header = (open.read(bytes, 0) == CheckpointHeader.BYTES) ? CheckpointHeader.decode(bytes)
				: null;
		if (header == null || header.keys() > Integer.MAX_VALUE) {
			throw damaged(0);
		}
		KeyIndex[] keys = new KeyIndex[(int) header.keys()];
		CheckpointBlock block = new CheckpointBlock(header.revision());
		long position = CheckpointHeader.BYTES;
		int count = 0;
		for (long number = 0; number < header.blocks(); number++) {
			int size = read(open, position, block, number);
			count = block.decode(keys, count);
			position += size;
		}
		if (count != keys.length || position != open.size()) {
			throw damaged(position);
		}
		return new Checkpoint(header, keys);
	}

	/** Returns the size of the block. */
	private int read(DiskFile open, long position, CheckpointBlock block, long number) {
		ByteBuffer header = ByteBuffer.allocate(CheckpointBlock.HEADER_BYTES);
		if (open.read(header, position) < CheckpointBlock.HEADER_BYTES) {
			throw damaged(position);
		}
		int content = CheckpointBlock.contentBytes(header);
		if (content < 0 || content > open.size() - position - CheckpointBlock.HEADER_BYTES) {
			throw damaged(position);
		}
		ByteBuffer room = block.room(content);
		if (open.read(room, position) < room.limit() || !block.isIntact(number)) {
			throw damaged(position);
		}
		return room.limit();
	}

	private StorageException damaged(long position) {
		return new StorageException(this.file.path() + " is damaged at offset " + position, null);
	}

	/** The content of a checkpoint. */
	static final class Checkpoint {

		private final CheckpointHeader header;

		private final KeyIndex[] keys;

		private Checkpoint(CheckpointHeader header, KeyIndex[] keys) {
			this.header = header;
			this.keys = keys;
		}

		CheckpointHeader header() {
			return this.header;
		}

		/** The states of all keys, in order. */
		KeyIndex[] keys() {
			return this.keys;
		}

	}

}
