package dev.kvserver.server.storage;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * Changes kept as references in three parallel arrays: what the memory store needs, and
 * what tests replay.
 */
final class MemoryWriteBatch implements WriteBatch {

	private static final int CAPACITY_FIRST = 64;

	/** Arrays grown beyond this by one large batch are dropped when it is cleared. */
	private static final int CAPACITY_KEPT_MAX = 1 << 16;

	private Bucket[] buckets = new Bucket[CAPACITY_FIRST];

	private byte[][] keys = new byte[CAPACITY_FIRST][];

	private byte[] @Nullable [] values = new byte[CAPACITY_FIRST][];

	private int count;

	@Override
	public void put(Bucket bucket, byte[] key, byte[] value) {
		add(bucket, key, value);
	}

	@Override
	public void delete(Bucket bucket, byte[] key) {
		add(bucket, key, null);
	}

	private void add(Bucket bucket, byte[] key, byte @Nullable [] value) {
		if (this.count == this.buckets.length) {
			int capacity = this.count * 2;
			this.buckets = Arrays.copyOf(this.buckets, capacity);
			this.keys = Arrays.copyOf(this.keys, capacity);
			this.values = Arrays.copyOf(this.values, capacity);
		}
		this.buckets[this.count] = bucket;
		this.keys[this.count] = key;
		this.values[this.count] = value;
		this.count++;
	}

	@Override
	public int count() {
		return this.count;
	}

	Bucket bucket(int i) {
		return this.buckets[i];
	}

	byte[] key(int i) {
		return this.keys[i];
	}

	/** The value to set, or null to remove the key. */
	byte @Nullable [] value(int i) {
		return this.values[i];
	}

	@Override
	public void clear() {
		if (this.buckets.length > CAPACITY_KEPT_MAX) {
			this.buckets = new Bucket[CAPACITY_FIRST];
			this.keys = new byte[CAPACITY_FIRST][];
			this.values = new byte[CAPACITY_FIRST][];
		}
		else {
			Arrays.fill(this.keys, 0, this.count, null);
			Arrays.fill(this.values, 0, this.count, null);
		}
		this.count = 0;
	}

	@Override
	public void close() {
		clear();
	}

}
