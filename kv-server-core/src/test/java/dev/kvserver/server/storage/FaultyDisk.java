package dev.kvserver.server.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The disk of the machine, which fails on command. Any thread.
 */
public final class FaultyDisk implements Disk {

	private final Disk disk = new FileDisk();

	private volatile boolean full;

	private volatile boolean syncsFail;

	private volatile boolean deletionsFail;

	/**
	 * Lets every write fail that makes a file larger, half-way.
	 */
	public void fillUp() {
		this.full = true;
	}

	/**
	 * Lets every sync fail. What was written since the last one is lost, as the operating
	 * system may have it.
	 */
	public void failSyncs() {
		this.syncsFail = true;
	}

	/**
	 * Lets every deletion fail, except of files that are in the making.
	 */
	public void failDeletions() {
		this.deletionsFail = true;
	}

	@Override
	public DiskFile open(Path file) {
		return new FaultyFile(file, this.disk.open(file));
	}

	@Override
	public DiskFile create(Path file) {
		return new FaultyFile(file, this.disk.create(file));
	}

	@Override
	public void createDirectories(Path directory) {
		this.disk.createDirectories(directory);
	}

	@Override
	public List<Path> list(Path directory) {
		return this.disk.list(directory);
	}

	@Override
	public void rename(Path from, Path to) {
		this.disk.rename(from, to);
	}

	@Override
	public void delete(Path file) {
		if (this.deletionsFail && !file.toString().endsWith(".tmp")) {
			throw new StorageException("deleting " + file + " failed: Input/output error", null);
		}
		this.disk.delete(file);
	}

	@Override
	public void syncDirectory(Path directory) {
		if (this.syncsFail) {
			throw new StorageException("syncing the directory " + directory + " failed: Input/output error", null);
		}
		this.disk.syncDirectory(directory);
	}

	@Override
	public @Nullable Lock tryLock(Path file) {
		return this.disk.tryLock(file);
	}

	/**
	 * What was there before a write.
	 *
	 * @param position where it was
	 * @param bytes the bytes
	 */
	private record Before(long position, ByteBuffer bytes) {
	}

	/** A file that knows what was not synced. */
	private final class FaultyFile implements DiskFile {

		private final Path path;

		private final DiskFile file;

		private final Deque<Before> unsynced = new ArrayDeque<>();

		FaultyFile(Path path, DiskFile file) {
			this.path = path;
			this.file = file;
		}

		@Override
		public void write(ByteBuffer source, long position) {
			if (FaultyDisk.this.full && position + source.remaining() > this.file.size()) {
				this.file.write(source.slice().limit(source.remaining() / 2), position);
				throw new StorageException("writing to " + this.path + " failed: No space left on device", null);
			}
			ByteBuffer before = ByteBuffer.allocate(source.remaining());
			this.file.read(before, position);
			this.unsynced.push(new Before(position, before.flip()));
			this.file.write(source, position);
		}

		@Override
		public int read(ByteBuffer target, long position) {
			return this.file.read(target, position);
		}

		@Override
		public void force() {
			if (FaultyDisk.this.syncsFail) {
				while (!this.unsynced.isEmpty()) {
					Before before = this.unsynced.pop();
					this.file.write(before.bytes(), before.position());
				}
				throw new StorageException("syncing " + this.path + " failed: Input/output error", null);
			}
			this.unsynced.clear();
			this.file.force();
		}

		@Override
		public long size() {
			return this.file.size();
		}

		@Override
		public void close() {
			this.file.close();
		}

	}

}
