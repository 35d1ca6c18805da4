package dev.kvserver.server.storage;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A store that crashes on command: what is written is visible at once, but survives only
 * if a flush followed, or if it lies in the part of the unflushed batches that happened
 * to reach the disk.
 */
public final class SimulatedStorage implements Storage {

	private final MemoryStorage visible = new MemoryStorage();

	/** Everything ever written, in order: one batch each. */
	private final List<MemoryWriteBatch> batches = new ArrayList<>();

	private int durableCount;

	private @Nullable StorageException failure;

	/**
	 * How many batches a crash could lose.
	 * @return the number of batches written since the last flush
	 */
	public int unflushedCount() {
		return this.batches.size() - this.durableCount;
	}

	/**
	 * Makes every further write and flush fail.
	 * @param failure what they throw
	 */
	public void failWith(StorageException failure) {
		this.failure = failure;
	}

	/**
	 * What a restart finds. This store is not used afterwards.
	 * @param survivors how many of the unflushed batches reached the disk, oldest first
	 * @return the store after the crash
	 */
	public SimulatedStorage crash(int survivors) {
		SimulatedStorage restarted = new SimulatedStorage();
		for (MemoryWriteBatch batch : this.batches.subList(0, this.durableCount + survivors)) {
			restarted.write(batch);
		}
		restarted.durableCount = restarted.batches.size();
		return restarted;
	}

	@Override
	public byte @Nullable [] get(Bucket bucket, byte[] key) {
		return this.visible.get(bucket, key);
	}

	@Override
	public Scan scan(Bucket bucket, byte[] from, byte @Nullable [] end) {
		return this.visible.scan(bucket, from, end);
	}

	@Override
	public Pinned pin() {
		return this.visible.pin();
	}

	@Override
	public WriteBatch newBatch() {
		return this.visible.newBatch();
	}

	@Override
	public void write(WriteBatch batch) {
		failIfAsked();
		MemoryWriteBatch changes = (MemoryWriteBatch) batch;
		MemoryWriteBatch copy = new MemoryWriteBatch();
		for (int i = 0; i < changes.count(); i++) {
			byte[] value = changes.value(i);
			if (value != null) {
				copy.put(changes.bucket(i), changes.key(i), value);
			}
			else {
				copy.delete(changes.bucket(i), changes.key(i));
			}
		}
		this.batches.add(copy);
		this.visible.write(copy);
	}

	@Override
	public void flush() {
		failIfAsked();
		this.durableCount = this.batches.size();
	}

	private void failIfAsked() {
		if (this.failure != null) {
			throw this.failure;
		}
	}

	@Override
	public long sizeBytes() {
		return this.visible.sizeBytes();
	}

	@Override
	public long sizeInUseBytes() {
		return this.visible.sizeInUseBytes();
	}

	@Override
	public void close() {
		// What it held is still needed for a restart.
	}

}
