package dev.kvserver.server.mvcc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of values that the index keeps at its keys, so that reads of what is
 * in use need no storage. A clock: a hand goes around the keys and drops values that no
 * reader used since its last round.
 * <p>
 * The count is shared by all threads; the sweep belongs to the apply thread. It never
 * drops the value of an unpublished change, for it walks published trees only.
 */
final class ValueCache {

	private static final int KEYS_PER_SWEEP = 2_000;

	private final long bytesMax;

	private final AtomicLong bytes = new AtomicLong();

	private byte[] hand = {};

	ValueCache(long bytesMax) {
		this.bytesMax = bytesMax;
	}

	/** Whether a value may be kept at its key at all. */
	boolean admits(int valueBytes) {
		return this.bytesMax > 0 && valueBytes <= this.bytesMax / 64;
	}

	/** Notes that a key keeps a value from now on. */
	void added(byte[] value) {
		this.bytes.addAndGet(value.length);
	}

	/** Lets go of the value of a state that a newer one has replaced. */
	void retire(KeyIndex replaced) {
		byte[] value = replaced.retire();
		if (value != null) {
			this.bytes.addAndGet(-value.length);
		}
	}

	/** Keeps a value that was read from the storage, if there is room. Any thread. */
	void fill(KeyIndex key, byte[] value) {
		if (admits(value.length) && this.bytes.get() + value.length <= this.bytesMax && key.fillValue(value)) {
			this.bytes.addAndGet(value.length);
		}
	}

	/** Moves the hand a bounded way while there is too much. Apply thread. */
	void sweep(TreeIndex published) {
		if (this.bytes.get() <= this.bytesMax) {
			return;
		}
		TreeIndex.Cursor cursor = published.liveCursor(this.hand);
		for (int i = 0; i < KEYS_PER_SWEEP; i++) {
			KeyIndex key = cursor.next();
			if (key == null) {
				this.hand = new byte[0];
				return;
			}
			this.hand = key.key();
			byte[] value = key.peekValue();
			if (value != null && !key.takeSecondChance() && key.dropValue(value)) {
				this.bytes.addAndGet(-value.length);
			}
		}
	}

	long bytes() {
		return this.bytes.get();
	}

}
