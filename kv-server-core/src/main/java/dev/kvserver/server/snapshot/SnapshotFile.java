package dev.kvserver.server.snapshot;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

import dev.kvserver.server.bolt.BoltLayout;
import dev.kvserver.server.bolt.BoltWriter;
import dev.kvserver.server.storage.Storage;

/**
 * The store at one moment as etcd's database file, made while it is read: it lies nowhere
 * as a whole, neither in memory nor on disk, and writes go on meanwhile. Until it is
 * closed the store cannot give back the space of what is removed from it.
 * <p>
 * One thread at a time; everything but the accessors blocks on the disk.
 */
public final class SnapshotFile implements AutoCloseable {

	private final Storage.Pinned pin;

	private final BoltLayout layout;

	private final BoltWriter writer;

	private final DatabaseWalk walk;

	private final Deque<ByteBuffer> pages = new ArrayDeque<>();

	private long waitingBytes;

	private boolean ended;

	private SnapshotFile(Storage.Pinned pin, SnapshotMember member, BooleanSupplier stopped) {
		this.pin = pin;
		this.layout = count(pin, member, stopped);
		this.writer = BoltWriter.writing(this::add, this.layout);
		this.walk = new DatabaseWalk(pin, member, this.writer);
	}

	/**
	 * Keeps the state of the store as it is and reads all of it once, to know the size.
	 * @param storage the store
	 * @param member whose it is
	 * @param stopped asked often; {@code true} gives up
	 * @return the file, at its beginning; to be closed before the store
	 * @throws CancellationException if it was given up
	 */
	public static SnapshotFile open(Storage storage, SnapshotMember member, BooleanSupplier stopped) {
		Storage.Pinned pin = storage.pin();
		boolean opened = false;
		try {
			SnapshotFile file = new SnapshotFile(pin, member, stopped);
			opened = true;
			return file;
		}
		finally {
			if (!opened) {
				pin.close();
			}
		}
	}

	private static BoltLayout count(Storage.Pinned pin, SnapshotMember member, BooleanSupplier stopped) {
		BoltWriter counting = BoltWriter.counting();
		try (DatabaseWalk walk = new DatabaseWalk(pin, member, counting)) {
			while (walk.next()) {
				if (stopped.getAsBoolean()) {
					throw new CancellationException();
				}
			}
		}
		return counting.end();
	}

	private void add(ByteBuffer page) {
		this.pages.add(ByteBuffer.allocate(page.remaining()).put(page).flip());
		this.waitingBytes += page.limit();
	}

	/**
	 * The size of the file.
	 * @return bytes, a multiple of 4096
	 */
	public long sizeBytes() {
		return this.layout.sizeBytes();
	}

	/**
	 * Reads the next part of the file.
	 * @param length how much to read, above 0
	 * @return that many bytes, fewer at the end, and none after it; the caller's own
	 */
	public byte[] read(int length) {
		while (this.waitingBytes < length && !this.ended) {
			if (!this.walk.next()) {
				this.writer.end();
				this.ended = true;
			}
		}
		byte[] part = new byte[(int) Math.min(length, this.waitingBytes)];
		int at = 0;
		while (at < part.length) {
			ByteBuffer page = this.pages.element();
			int taken = Math.min(page.remaining(), part.length - at);
			page.get(part, at, taken);
			at += taken;
			if (!page.hasRemaining()) {
				this.pages.remove();
			}
		}
		this.waitingBytes -= part.length;
		return part;
	}

	/**
	 * Lets the state of the store go.
	 */
	@Override
	public void close() {
		this.walk.close();
		this.pin.close();
	}

}
