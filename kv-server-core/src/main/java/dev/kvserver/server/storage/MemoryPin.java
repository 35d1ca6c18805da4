package dev.kvserver.server.storage;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * The state of all buckets at one time. Of each key that changes later what it held is
 * kept, except of keys behind the last one: they did not exist, and history grows there.
 * So a pin takes no more than what was there when it began.
 */
final class MemoryPin implements Storage.Pinned {

	private final Object lock;

	private final Consumer<MemoryPin> onClose;

	private final Map<Bucket, PinnedBucket> buckets = new EnumMap<>(Bucket.class);

	/** Pins; called under the lock. */
	MemoryPin(Map<Bucket, ConcurrentNavigableMap<byte[], byte[]>> buckets, Object lock, Consumer<MemoryPin> onClose) {
		this.lock = lock;
		this.onClose = onClose;
		buckets.forEach((bucket, map) -> this.buckets.put(bucket, new PinnedBucket(map)));
	}

	/** Told by the writer, under the lock, what a key held before its change. */
	void changed(Bucket bucket, byte[] key, byte @Nullable [] value) {
		PinnedBucket pinned = of(bucket);
		if (Arrays.compareUnsigned(key, pinned.end) < 0) {
			MemoryScan.keep(pinned.before, key, value);
		}
	}

	@Override
	public Storage.Scan scan(Bucket bucket) {
		PinnedBucket pinned = of(bucket);
		return new MemoryScan(pinned.map, pinned.end, this.lock, pinned.before);
	}

	private PinnedBucket of(Bucket bucket) {
		PinnedBucket pinned = this.buckets.get(bucket);
		if (pinned == null) {
			throw new IllegalArgumentException("bucket: " + bucket);
		}
		return pinned;
	}

	@Override
	public void close() {
		synchronized (this.lock) {
			this.onClose.accept(this);
		}
	}

	/** One bucket: what it is now, and what it was where it was something else. */
	private static final class PinnedBucket {

		private final ConcurrentNavigableMap<byte[], byte[]> map;

		/** Right behind the last key; empty if there was none. */
		private final byte[] end;

		private final TreeMap<byte[], byte[]> before = new TreeMap<>(Arrays::compareUnsigned);

		PinnedBucket(ConcurrentNavigableMap<byte[], byte[]> map) {
			this.map = map;
			byte[] last = map.isEmpty() ? null : map.lastKey();
			this.end = (last != null) ? Arrays.copyOf(last, last.length + 1) : new byte[0];
		}

	}

}
