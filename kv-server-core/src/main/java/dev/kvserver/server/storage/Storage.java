package dev.kvserver.server.storage;

import org.jspecify.annotations.Nullable;

/**
 * Ordered bytes in buckets, changed only by whole batches. Keys are ordered by unsigned
 * byte comparison.
 * <p>
 * A written batch is visible at once and becomes durable with the next {@link #flush()}:
 * until then the log holds what it was made from. After a crash the store holds the
 * effect of a prefix of the batches written, each whole or not at all, at least up to the
 * last flush.
 * <p>
 * Reads and {@link #flush} may come from any thread, {@link #write} from one thread at a
 * time. An I/O failure is a {@link StorageException}; after one from {@code write} the
 * store must not be used any more.
 */
public interface Storage extends AutoCloseable {

	/**
	 * Reads one value. May block on the disk.
	 * @param bucket the bucket
	 * @param key the key
	 * @return the value, which the caller must not change, or {@code null} if absent
	 */
	byte @Nullable [] get(Bucket bucket, byte[] key);

	/**
	 * Reads one value unless that takes the disk. Does not block.
	 * @param bucket the bucket
	 * @param key the key
	 * @return the value, which the caller must not change, or {@code null} if it is not
	 * in memory or absent
	 */
	default byte @Nullable [] peek(Bucket bucket, byte[] key) {
		return get(bucket, key);
	}

	/**
	 * Walks keys in ascending order over the state at the time of the call. Blocks on the
	 * disk; the scan must be closed.
	 * @param bucket the bucket
	 * @param from the first key, inclusive
	 * @param end the exclusive end, or {@code null} for none
	 * @return the scan, before its first entry
	 */
	Scan scan(Bucket bucket, byte[] from, byte @Nullable [] end);

	/**
	 * Keeps the state at the time of the call, of all buckets together, for scans to
	 * come. Must be closed: until then the store cannot give back the space of what it
	 * replaces.
	 * @return the state
	 */
	Pinned pin();

	/**
	 * An empty batch for {@link #write}. It may be filled again after {@code clear()}.
	 * @return the batch
	 */
	WriteBatch newBatch();

	/**
	 * Applies all of a batch, or nothing. Does not wait for the disk.
	 * @param batch the batch; it may be cleared and reused afterwards
	 */
	void write(WriteBatch batch);

	/**
	 * Makes everything written before this call durable. Blocks.
	 */
	void flush();

	/**
	 * Gives back space that deleted data still takes. Blocks, possibly for long; reads
	 * and writes go on meanwhile. Any thread.
	 */
	default void defragment() {
	}

	/**
	 * Space the store takes.
	 * @return bytes, an estimate
	 */
	long sizeBytes();

	/**
	 * Space that live data takes, at most {@link #sizeBytes()}.
	 * @return bytes, an estimate
	 */
	long sizeInUseBytes();

	@Override
	void close();

	/** The state of all buckets at one time. One thread at a time. */
	interface Pinned extends AutoCloseable {

		/**
		 * Walks all keys of a bucket in ascending order, as often as wanted. Blocks on
		 * the disk; the scan must be closed before this is.
		 * @param bucket the bucket
		 * @return the scan, before its first entry
		 */
		Scan scan(Bucket bucket);

		@Override
		void close();

	}

	/** A walk over a bucket. One thread. */
	interface Scan extends AutoCloseable {

		/**
		 * Moves to the next entry.
		 * @return {@code false} at the end
		 */
		boolean next();

		/**
		 * The current key.
		 * @return the bytes, valid beyond the scan; the caller must not change them
		 */
		byte[] key();

		/**
		 * The current value.
		 * @return the bytes, valid beyond the scan; the caller must not change them
		 */
		byte[] value();

		@Override
		void close();

	}

}
