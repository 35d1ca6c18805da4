package dev.kvserver.server.mvcc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * What the index knows of one key: its latest change in full, and of earlier changes
 * where in history they lie. etcd's {@code keyIndex}, made immutable so that a reader who
 * holds an index root keeps seeing the state of its revision.
 * <p>
 * Earlier changes are pairs of longs in an array that successive states share, as slices
 * of one array do in Go: a state reads only its own {@code olderCount} pairs, and only
 * the newest state appends behind them. So a put on a key with a thousand revisions costs
 * 16 bytes, not a copy. A drawn example, after put(2) put(5) delete(7) put(9): <pre>
 * older      (2,0) (5,0) (7,0)x        x marks a tombstone
 * latest     (9,0)  create 9, version 1
 * compact(5) ->  older (5,0) (7,0)x    the newest at or below 5 stays
 * compact(7) ->  older (7,0)x          a tombstone exactly at the revision stays
 * compact(8) ->  older empty
 * </pre> The value is a cache of what the storage holds for the latest change; it may be
 * dropped and filled again by anyone, since the bytes of a revision never change.
 */
public final class KeyIndex {

	private static final VarHandle VALUE;

	static {
		try {
			VALUE = MethodHandles.lookup().findVarHandle(KeyIndex.class, "value", byte[].class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	/** Stands in {@link #value} once a newer state has taken over. */
	private static final byte[] RETIRED = {};

	private static final long TOMBSTONE = 1L << 62;

	private static final long[] NONE = {};

	private final byte[] key;

	private final long modRevision;

	private final long createRevision;

	private final long version;

	private final long lease;

	private final long[] older;

	private final int sub;

	private final int olderCount;

	@SuppressWarnings("UnusedVariable") // through VALUE
	private volatile byte @Nullable [] value;

	/** Set by readers, cleared by the sweep of {@link ValueCache}: a second chance. */
	private boolean used;

	private KeyIndex(byte[] key, long modRevision, int sub, long createRevision, long version, long lease, long[] older,
			int olderCount) {
		this.key = key;
		this.modRevision = modRevision;
		this.sub = sub;
		this.createRevision = createRevision;
		this.version = version;
		this.lease = lease;
		this.older = older;
		this.olderCount = olderCount;
	}

	/** The first state of a key, by its creation or, when loading, by the oldest left. */
	static KeyIndex first(byte[] key, long modRevision, int sub, long createRevision, long version, long lease) {
		return new KeyIndex(key, modRevision, sub, createRevision, version, lease, NONE, 0);
	}

	/** A state as it was saved; version 0 is a tombstone. */
	static KeyIndex restored(byte[] key, long modRevision, int sub, long createRevision, long version, long lease,
			long[] older) {
		return new KeyIndex(key, modRevision, sub, createRevision, version, lease, older, older.length / 2);
	}

	/** The state after a put at {@code (main, sub)}. */
	KeyIndex put(long main, int sub, long lease) {
		long create = isLive() ? this.createRevision : main;
		return new KeyIndex(this.key, main, sub, create, this.version + 1, lease, appended(), this.olderCount + 1);
	}

	/** The state after a put that was read back: what precedes it may be compacted. */
	KeyIndex storedPut(long main, int sub, long createRevision, long version, long lease) {
		return new KeyIndex(this.key, main, sub, createRevision, version, lease, appended(), this.olderCount + 1);
	}

	/** The state after a delete at {@code (main, sub)}. */
	KeyIndex delete(long main, int sub) {
		return new KeyIndex(this.key, main, sub, 0, 0, 0, appended(), this.olderCount + 1);
	}

	private long[] appended() {
		int at = 2 * this.olderCount;
		long[] pairs = this.older;
		if (at == pairs.length) {
			pairs = Arrays.copyOf(pairs, Math.max(2, at + Math.max(2, at / 4 * 2)));
		}
		pairs[at] = this.modRevision;
		pairs[at + 1] = isLive() ? this.sub : this.sub | TOMBSTONE;
		return pairs;
	}

	/** What is left after compacting at {@code revision}, {@code null} if nothing. */
	@Nullable KeyIndex compact(long revision) {
		int keepFrom = countCompactable(revision);
		if (keepFrom == 0) {
			return this;
		}
		if (keepFrom > this.olderCount) {
			return null;
		}
		long[] left = Arrays.copyOfRange(this.older, 2 * keepFrom, 2 * this.olderCount);
		KeyIndex compacted = new KeyIndex(this.key, this.modRevision, this.sub, this.createRevision, this.version,
				this.lease, left, left.length / 2);
		compacted.used = this.used;
		return compacted;
	}

	/** How many changes, oldest first, {@link #compact} at {@code revision} drops. */
	int countCompactable(long revision) {
		if (this.olderCount == 0 && isLive()) {
			return 0;
		}
		int newest = newestAtOrBelow(revision);
		if (newest < 0) {
			return 0;
		}
		return (isTombstoneAt(newest) && mainAt(newest) < revision) ? newest + 1 : newest;
	}

	/** The key in the storage of the {@code i}th change, counted from the oldest. */
	byte[] storedKey(int i) {
		return Revision.encode(mainAt(i), subAt(i), isTombstoneAt(i));
	}

	/** The number of the newest change at or below a revision, or -1. */
	private int newestAtOrBelow(long revision) {
		if (this.modRevision <= revision) {
			return this.olderCount;
		}
		int low = 0;
		int high = this.olderCount - 1;
		while (low <= high) {
			int mid = (low + high) >>> 1;
			if (this.older[2 * mid] <= revision) {
				low = mid + 1;
			}
			else {
				high = mid - 1;
			}
		}
		return high;
	}

	private long mainAt(int i) {
		return (i == this.olderCount) ? this.modRevision : this.older[2 * i];
	}

	private long subAt(int i) {
		return (i == this.olderCount) ? this.sub : this.older[2 * i + 1] & ~TOMBSTONE;
	}

	private boolean isTombstoneAt(int i) {
		return (i == this.olderCount) ? !isLive() : (this.older[2 * i + 1] & TOMBSTONE) != 0;
	}

	/**
	 * The change that a reader at {@code revision} sees.
	 * @return where it lies, or {@code null} if the key did not exist then
	 */
	@Nullable Revision at(long revision) {
		int i = newestAtOrBelow(revision);
		return (i < 0 || isTombstoneAt(i)) ? null : new Revision(mainAt(i), subAt(i));
	}

	/** Whether a reader at {@code revision} sees the key. */
	boolean isLiveAt(long revision) {
		if (this.modRevision <= revision) {
			return isLive();
		}
		int i = newestAtOrBelow(revision);
		return i >= 0 && !isTombstoneAt(i);
	}

	/** Whether what a reader at {@code revision} finds is a delete of that revision. */
	boolean isDeletedAt(long revision) {
		int i = newestAtOrBelow(revision);
		return i >= 0 && isTombstoneAt(i) && mainAt(i) == revision;
	}

	/**
	 * Whether the latest change is a put.
	 * @return {@code false} for a deleted key that is not yet compacted
	 */
	public boolean isLive() {
		return this.version != 0;
	}

	/**
	 * The key.
	 * @return the key; must not be changed
	 */
	public byte[] key() {
		return this.key;
	}

	/**
	 * The revision of the latest change.
	 * @return the main revision
	 */
	public long modRevision() {
		return this.modRevision;
	}

	int sub() {
		return this.sub;
	}

	/**
	 * The revision of the put that created the key.
	 * @return the revision, 0 for a deleted key
	 */
	public long createRevision() {
		return this.createRevision;
	}

	/**
	 * The number of puts since creation.
	 * @return the version, 0 for a deleted key
	 */
	public long version() {
		return this.version;
	}

	/**
	 * The lease the key is attached to.
	 * @return the lease id, 0 for none
	 */
	public long lease() {
		return this.lease;
	}

	/** The earlier changes as pairs, oldest first; a copy. */
	long[] olderPairs() {
		return Arrays.copyOf(this.older, 2 * this.olderCount);
	}

	/** The second number of an older pair, as a small one. */
	static long packedSub(long sub) {
		return (sub & ~TOMBSTONE) << 1 | ((sub & TOMBSTONE) != 0 ? 1 : 0);
	}

	/** The reverse of {@link #packedSub}. */
	static long unpackedSub(long packed) {
		return packed >>> 1 | ((packed & 1) != 0 ? TOMBSTONE : 0);
	}

	int olderCount() {
		return this.olderCount;
	}

	/** The cached value of the latest change, for a reader. */
	byte @Nullable [] cachedValue() {
		byte[] bytes = peekValue();
		if (bytes != null && !this.used) {
			this.used = true;
		}
		return bytes;
	}

	/** The cached value, without counting as a use. */
	byte @Nullable [] peekValue() {
		byte[] bytes = (byte[]) VALUE.getAcquire(this);
		return (bytes != RETIRED) ? bytes : null;
	}

	/** Caches a value; {@code false} if there is one, or the state is retired. */
	boolean fillValue(byte[] bytes) {
		return VALUE.compareAndSet(this, null, bytes);
	}

	/** Drops the cached value if it still is {@code bytes}. */
	boolean dropValue(byte[] bytes) {
		return VALUE.compareAndSet(this, bytes, null);
	}

	/** Drops the value for good: a newer state has taken over. Returns what there was. */
	byte @Nullable [] retire() {
		byte[] bytes = (byte[]) VALUE.getAndSet(this, RETIRED);
		return (bytes != RETIRED) ? bytes : null;
	}

	boolean takeSecondChance() {
		boolean had = this.used;
		this.used = false;
		return had;
	}

}
