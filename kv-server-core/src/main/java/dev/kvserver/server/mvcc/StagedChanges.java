package dev.kvserver.server.mvcc;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * The stored bytes of the changes of the batch under way, in revision order. A request
 * that reads what an earlier request of the same batch wrote finds it here, since the
 * storage gets the batch as a whole at its end. Apply thread only.
 */
final class StagedChanges implements Values.Staged {

	private long[] mains = new long[64];

	private long[] subs = new long[64];

	private byte[][] stored = new byte[64][];

	private int size;

	void add(long main, long sub, byte[] bytes) {
		if (this.size == this.mains.length) {
			this.mains = Arrays.copyOf(this.mains, 2 * this.size);
			this.subs = Arrays.copyOf(this.subs, 2 * this.size);
			this.stored = Arrays.copyOf(this.stored, 2 * this.size);
		}
		this.mains[this.size] = main;
		this.subs[this.size] = sub;
		this.stored[this.size] = bytes;
		this.size++;
	}

	int size() {
		return this.size;
	}

	void clear() {
		Arrays.fill(this.stored, 0, this.size, null);
		this.size = 0;
	}

	@Override
	public byte @Nullable [] find(long main, long sub) {
		int low = 0;
		int high = this.size - 1;
		while (low <= high) {
			int mid = (low + high) >>> 1;
			int order = Long.compare(this.mains[mid], main);
			order = (order != 0) ? order : Long.compare(this.subs[mid], sub);
			if (order == 0) {
				return this.stored[mid];
			}
			if (order < 0) {
				low = mid + 1;
			}
			else {
				high = mid - 1;
			}
		}
		return null;
	}

}
