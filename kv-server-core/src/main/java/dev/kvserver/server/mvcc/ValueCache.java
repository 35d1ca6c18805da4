package dev.kvserver.server.mvcc;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of values that the index keeps at its keys, so that reads of what is
 * in use need no storage. A clock: a hand goes around the keys and drops values that no
 * reader used since its last round.
 * <p>
 * Room is reserved before a value is kept, so the bound holds at any time. The apply
 * thread moves the hand after each batch while little room is left, and a reader that
 * finds none moves it a little. The hand walks published trees only: the values of the
 * batch under way are not its business.
 */
final class ValueCache {

	private static final int KEYS_PER_COMMIT = 2_000;

	/** A batch may bring more than the hand clears among that many keys. */
	private static final int KEYS_PER_CHANGE = 4;

	private static final int KEYS_PER_MISS = 32;

	private static final int ARRAY_HEADER_BYTES = 16;

	private final long bytesMax;

	private final AtomicLong bytes = new AtomicLong();

	/** Held by whoever moves the hand. */
	private final AtomicBoolean sweeping = new AtomicBoolean();

	private byte[] hand = {};

	private volatile TreeIndex published = TreeIndex.empty();

	ValueCache(long bytesMax) {
		this.bytesMax = bytesMax;
	}

	/** Keeps the value of a new state, if there is room. */
	void added(KeyIndex key, byte[] value) {
		if (admits(value) && reserve(value) && !key.fillValue(value)) {
			release(value);
		}
	}

	/** Keeps a value that was read from the storage, if there is room. Any thread. */
	void fill(KeyIndex key, byte[] value) {
		if (!admits(value)) {
			return;
		}
		if (!reserve(value)) {
			sweep(KEYS_PER_MISS);
			return;
		}
		if (!key.fillValue(value)) {
			release(value);
		}
	}

	/** Lets go of the value of a state that a newer one has replaced. */
	void retire(KeyIndex replaced) {
		byte[] value = replaced.retire();
		if (value != null) {
			release(value);
		}
	}

	/** Hands the value on to a state that has replaced another for the same change. */
	void move(KeyIndex replaced, KeyIndex by) {
		byte[] value = replaced.retire();
		if (value != null && !by.fillValue(value)) {
			release(value);
		}
	}

	/** Makes some room if there is little, after a batch. Apply thread. */
	void published(TreeIndex tree, int changes) {
		this.published = tree;
		if (this.bytes.get() > this.bytesMax - this.bytesMax / 16) {
			sweep(KEYS_PER_COMMIT + KEYS_PER_CHANGE * changes);
		}
	}

	/** Moves the hand, unless another thread is doing it. */
	private void sweep(int keysMax) {
		if (!this.sweeping.compareAndSet(false, true)) {
			return;
		}
		TreeIndex.Cursor cursor = this.published.liveCursor(this.hand);
		KeyIndex key = null;
		for (int i = 0; i < keysMax; i++) {
			key = cursor.next();
			if (key == null) {
				break;
			}
			byte[] value = key.peekValue();
			if (value != null && !key.takeSecondChance() && key.dropValue(value)) {
				release(value);
			}
		}
		this.hand = (key != null) ? Arrays.copyOf(key.key(), key.key().length + 1) : new byte[0];
		this.sweeping.set(false);
	}

	private boolean admits(byte[] value) {
		return cost(value) <= this.bytesMax / 64;
	}

	private boolean reserve(byte[] value) {
		if (this.bytes.addAndGet(cost(value)) <= this.bytesMax) {
			return true;
		}
		release(value);
		return false;
	}

	private void release(byte[] value) {
		this.bytes.addAndGet(-cost(value));
	}

	/** What a value takes in memory. */
	static int cost(byte[] value) {
		return (ARRAY_HEADER_BYTES + value.length + 7) & ~7;
	}

	long bytes() {
		return this.bytes.get();
	}

	long bytesMax() {
		return this.bytesMax;
	}

}
