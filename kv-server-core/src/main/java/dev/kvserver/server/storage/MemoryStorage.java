package dev.kvserver.server.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * Everything on the heap and nothing durable.
 * <p>
 * Single reads take no lock: readers above are pinned to a revision, so they need no
 * consistency across keys from here. A scan does see one state, that of its opening: it
 * fetches a chunk at a time under the writer's lock, and while it is open the writer
 * first saves, for every key that the scan has not passed yet, what the key held. A scan
 * therefore costs a writer little, however large the bucket is.
 */
public final class MemoryStorage implements Storage {

	/** What the map and the array headers take for one entry, roughly. */
	private static final int OVERHEAD_BYTES = 96;

	private final Map<Bucket, ConcurrentNavigableMap<byte[], byte[]>> buckets = new EnumMap<>(Bucket.class);

	private final Object lock = new Object();

	private final List<MemoryScan> openScans = new ArrayList<>();

	private final List<MemoryPin> pins = new ArrayList<>();

	private final AtomicLong sizeBytes = new AtomicLong();

	/**
	 * Makes an empty store.
	 */
	public MemoryStorage() {
		for (Bucket bucket : Bucket.values()) {
			this.buckets.put(bucket, new ConcurrentSkipListMap<>(Arrays::compareUnsigned));
		}
	}

	@Override
	public byte @Nullable [] get(Bucket bucket, byte[] key) {
		return bucket(bucket).get(key);
	}

	@Override
	public Scan scan(Bucket bucket, byte[] from, byte @Nullable [] end) {
		synchronized (this.lock) {
			MemoryScan scan = new MemoryScan(bucket(bucket), from, end, this.lock, this.openScans::remove);
			this.openScans.add(scan);
			return scan;
		}
	}

	@Override
	public Pinned pin() {
		synchronized (this.lock) {
			MemoryPin pin = new MemoryPin(this.buckets, this.lock, this.pins::remove);
			this.pins.add(pin);
			return pin;
		}
	}

	@Override
	public WriteBatch newBatch() {
		return new MemoryWriteBatch();
	}

	@Override
	public void write(WriteBatch batch) {
		MemoryWriteBatch changes = (MemoryWriteBatch) batch;
		long grown = 0;
		synchronized (this.lock) {
			for (int i = 0; i < changes.count(); i++) {
				grown += apply(changes.bucket(i), changes.key(i), changes.value(i));
			}
		}
		this.sizeBytes.addAndGet(grown);
	}

	private long apply(Bucket bucket, byte[] key, byte @Nullable [] value) {
		ConcurrentNavigableMap<byte[], byte[]> map = bucket(bucket);
		byte[] before = (value != null) ? map.put(key, value) : map.remove(key);
		for (int i = 0; i < this.openScans.size(); i++) {
			this.openScans.get(i).changed(map, key, before);
		}
		for (int i = 0; i < this.pins.size(); i++) {
			this.pins.get(i).changed(bucket, key, before);
		}
		long grown = (value != null) ? OVERHEAD_BYTES + key.length + value.length : 0;
		return (before != null) ? grown - OVERHEAD_BYTES - key.length - before.length : grown;
	}

	@Override
	public void flush() {
		// Nothing here outlives the process.
	}

	@Override
	public long sizeBytes() {
		return this.sizeBytes.get();
	}

	@Override
	public long sizeInUseBytes() {
		return this.sizeBytes.get();
	}

	@Override
	public void close() {
		for (ConcurrentNavigableMap<byte[], byte[]> map : this.buckets.values()) {
			map.clear();
		}
	}

	private ConcurrentNavigableMap<byte[], byte[]> bucket(Bucket bucket) {
		ConcurrentNavigableMap<byte[], byte[]> map = this.buckets.get(bucket);
		if (map == null) {
			throw new IllegalArgumentException("bucket: " + bucket);
		}
		return map;
	}

}
