package dev.kvserver.server.storage;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * A walk over one map as it was when the walk began. What is still ahead of the walk when
 * it changes is kept in {@code before}, which wins over the map:
 *
 * <pre>
 *   map at opening   a=1 b=2 c=3
 *   passed a; then   put b=9, delete c, put d=4
 *   map              a=1 b=9     d=4
 *   before               b=2 c=3 d=absent      the walk goes on with b=2 c=3
 * </pre>
 */
final class MemoryScan implements Storage.Scan {

	private static final int CHUNK = 256;

	/** Stands for a key that did not exist; compared by identity. */
	private static final byte[] ABSENT = {};

	private final ConcurrentNavigableMap<byte[], byte[]> map;

	private final byte @Nullable [] end;

	private final Object lock;

	private final Consumer<MemoryScan> onClose;

	private final NavigableMap<byte[], byte[]> before;

	/** Whether {@code before} is for other scans, too. */
	private final boolean pinned;

	private final byte[][] keys = new byte[CHUNK][];

	private final byte[][] values = new byte[CHUNK][];

	/** How many entries the chunk holds, and the one the caller is at. */
	private int count;

	private int current = -1;

	/** Where the next chunk begins: everything below has been fetched. */
	private byte[] from;

	private boolean fromIsPassed;

	private boolean exhausted;

	/** A scan of the state of now, which must be told what changes. */
	MemoryScan(ConcurrentNavigableMap<byte[], byte[]> map, byte[] from, byte @Nullable [] end, Object lock,
			Consumer<MemoryScan> onClose) {
		this(map, from, end, lock, onClose, new TreeMap<>(Arrays::compareUnsigned), false);
	}

	/** A scan of the state that somebody pinned who keeps what has changed since. */
	MemoryScan(ConcurrentNavigableMap<byte[], byte[]> map, byte[] end, Object lock,
			NavigableMap<byte[], byte[]> before) {
		this(map, new byte[0], end, lock, (scan) -> {
		}, before, true);
	}

	private MemoryScan(ConcurrentNavigableMap<byte[], byte[]> map, byte[] from, byte @Nullable [] end, Object lock,
			Consumer<MemoryScan> onClose, NavigableMap<byte[], byte[]> before, boolean pinned) {
		this.before = before;
		this.pinned = pinned;
		this.map = map;
		this.from = from;
		this.end = end;
		this.lock = lock;
		this.onClose = onClose;
		this.exhausted = end != null && Arrays.compareUnsigned(from, end) >= 0;
	}

	/** Told by the writer, under the lock, what a key held before its change. */
	void changed(ConcurrentNavigableMap<byte[], byte[]> changed, byte[] key, byte @Nullable [] value) {
		if (changed != this.map || this.exhausted) {
			return;
		}
		int order = Arrays.compareUnsigned(key, this.from);
		boolean ahead = order > 0 || (order == 0 && !this.fromIsPassed);
		if (ahead && (this.end == null || Arrays.compareUnsigned(key, this.end) < 0)) {
			keep(this.before, key, value);
		}
	}

	/** Keeps what a key held, unless an older value of it is kept already. */
	static void keep(NavigableMap<byte[], byte[]> before, byte[] key, byte @Nullable [] value) {
		before.putIfAbsent(key, (value != null) ? value : ABSENT);
	}

	@Override
	public boolean next() {
		if (this.current + 1 < this.count) {
			this.current++;
			return true;
		}
		synchronized (this.lock) {
			fetch();
		}
		this.current = (this.count > 0) ? 0 : -1;
		return this.count > 0;
	}

	private void fetch() {
		this.count = 0;
		if (this.exhausted) {
			return;
		}
		Iterator<Map.Entry<byte[], byte[]>> live = ahead(this.map);
		Iterator<Map.Entry<byte[], byte[]>> saved = ahead(this.before);
		Map.Entry<byte[], byte[]> nextLive = step(live);
		Map.Entry<byte[], byte[]> nextSaved = step(saved);
		while (this.count < CHUNK && (nextLive != null || nextSaved != null)) {
			int order = order(nextLive, nextSaved);
			if (nextLive != null && order < 0) {
				take(nextLive);
			}
			else if (nextSaved != null) {
				take(nextSaved);
			}
			nextLive = (order <= 0) ? step(live) : nextLive;
			nextSaved = (order >= 0) ? step(saved) : nextSaved;
		}
		this.exhausted = nextLive == null && nextSaved == null;
		if (!this.pinned) {
			this.before.headMap(this.from, this.fromIsPassed).clear();
		}
	}

	private Iterator<Map.Entry<byte[], byte[]>> ahead(NavigableMap<byte[], byte[]> entries) {
		boolean inclusive = !this.fromIsPassed;
		return ((this.end != null) ? entries.subMap(this.from, inclusive, this.end, false)
				: entries.tailMap(this.from, inclusive))
			.entrySet()
			.iterator();
	}

	private static Map.@Nullable Entry<byte[], byte[]> step(Iterator<Map.Entry<byte[], byte[]>> entries) {
		return entries.hasNext() ? entries.next() : null;
	}

	private static int order(Map.@Nullable Entry<byte[], byte[]> live, Map.@Nullable Entry<byte[], byte[]> saved) {
		if (live == null || saved == null) {
			return (live != null) ? -1 : 1;
		}
		return Arrays.compareUnsigned(live.getKey(), saved.getKey());
	}

	private void take(Map.Entry<byte[], byte[]> entry) {
		this.from = entry.getKey();
		this.fromIsPassed = true;
		if (entry.getValue() != ABSENT) {
			this.keys[this.count] = entry.getKey();
			this.values[this.count] = entry.getValue();
			this.count++;
		}
	}

	@Override
	public byte[] key() {
		return at(this.keys);
	}

	@Override
	public byte[] value() {
		return at(this.values);
	}

	private byte[] at(byte[][] entries) {
		if (this.current < 0) {
			throw new NoSuchElementException();
		}
		return entries[this.current];
	}

	@Override
	public void close() {
		synchronized (this.lock) {
			this.exhausted = true;
			this.onClose.accept(this);
		}
	}

}
