package dev.kvserver.server.lease;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * An immutable set of keys in unsigned byte order: the keys of one lease.
 * <p>
 * Most leases hold one key, some hold a thousand, and readers want the keys of one moment
 * while the apply thread goes on. So a change makes a new set that shares nearly all of
 * the old one, and is published by one reference. The keys lie in sorted chunks of
 * bounded size; a change copies one chunk and the array of chunks:
 *
 * <pre>
 * chunks: [ [a, c, f], [k, m], [q, t, x] ]  with(l):  [ [a, c, f], [k, l, m], [q, t, x] ]
 *                                                          same       new         same
 * </pre>
 *
 * A set of one key takes two small arrays, less than half of a {@code HashSet} of one.
 */
final class KeySet {

	static final KeySet EMPTY = new KeySet(new byte[0][][], 0);

	private static final int CHUNK_MAX = 128;

	private static final Comparator<byte[]> ORDER = Arrays::compareUnsigned;

	private final byte[][][] chunks;

	private final int size;

	private KeySet(byte[][][] chunks, int size) {
		this.chunks = chunks;
		this.size = size;
	}

	int size() {
		return this.size;
	}

	/** The set with a key; this set if it holds the key already. */
	KeySet with(byte[] key) {
		if (this.size == 0) {
			return new KeySet(new byte[][][] { { key } }, 1);
		}
		int at = chunkOf(key);
		byte[][] chunk = this.chunks[at];
		int found = Arrays.binarySearch(chunk, key, ORDER);
		if (found >= 0) {
			return this;
		}
		byte[][] grown = insert(chunk, -found - 1, key);
		return new KeySet((grown.length <= CHUNK_MAX) ? replace(at, grown) : split(at, grown), this.size + 1);
	}

	/** The set without a key; this set if it does not hold the key. */
	KeySet without(byte[] key) {
		if (this.size == 0) {
			return this;
		}
		int at = chunkOf(key);
		byte[][] chunk = this.chunks[at];
		int found = Arrays.binarySearch(chunk, key, ORDER);
		if (found < 0) {
			return this;
		}
		if (this.size == 1) {
			return EMPTY;
		}
		return new KeySet((chunk.length == 1) ? drop(at) : replace(at, remove(chunk, found)), this.size - 1);
	}

	/** The keys in ascending order, in a list of the caller's own. */
	List<byte[]> toList() {
		List<byte[]> keys = new ArrayList<>(this.size);
		for (byte[][] chunk : this.chunks) {
			keys.addAll(Arrays.asList(chunk));
		}
		return keys;
	}

	/** The last chunk whose first key is not above the key, else the first chunk. */
	private int chunkOf(byte[] key) {
		int low = 0;
		int end = this.chunks.length;
		while (end - low > 1) {
			int middle = (low + end) >>> 1;
			if (Arrays.compareUnsigned(this.chunks[middle][0], key) <= 0) {
				low = middle;
			}
			else {
				end = middle;
			}
		}
		return low;
	}

	private byte[][][] replace(int at, byte[][] chunk) {
		byte[][][] copy = this.chunks.clone();
		copy[at] = chunk;
		return copy;
	}

	private byte[][][] split(int at, byte[][] chunk) {
		byte[][][] copy = Arrays.copyOf(this.chunks, this.chunks.length + 1);
		System.arraycopy(copy, at + 1, copy, at + 2, this.chunks.length - at - 1);
		copy[at] = Arrays.copyOf(chunk, chunk.length / 2);
		copy[at + 1] = Arrays.copyOfRange(chunk, chunk.length / 2, chunk.length);
		return copy;
	}

	private byte[][][] drop(int at) {
		byte[][][] copy = Arrays.copyOf(this.chunks, this.chunks.length - 1);
		System.arraycopy(this.chunks, at + 1, copy, at, copy.length - at);
		return copy;
	}

	private static byte[][] insert(byte[][] chunk, int at, byte[] key) {
		byte[][] copy = Arrays.copyOf(chunk, chunk.length + 1);
		System.arraycopy(chunk, at, copy, at + 1, chunk.length - at);
		copy[at] = key;
		return copy;
	}

	private static byte[][] remove(byte[][] chunk, int at) {
		byte[][] copy = Arrays.copyOf(chunk, chunk.length - 1);
		System.arraycopy(chunk, at + 1, copy, at, copy.length - at);
		return copy;
	}

}
