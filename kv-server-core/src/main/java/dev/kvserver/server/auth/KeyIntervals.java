package dev.kvserver.server.auth;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.kvserver.server.key.KeyRange;

/**
 * The union of some key ranges, as ascending intervals with gaps between them, so that
 * whether a range lies in the union is one binary search. Immutable.
 *
 * <pre>
 * granted:  [a, c) [b, d) [d, f) k        union:  [a, f) [k, k\0)
 * asked:    [c, e) yes    [e, g) no       k yes   [k, l) no
 * </pre>
 *
 * Answers to etcd's {@code auth/range_perm_cache.go}: touching ranges count as one, and
 * an empty range is in the union when its start is. (In etcd that depends also on the
 * shape of the tree that the ranges are in; there is nothing to be read or changed in
 * it.)
 */
final class KeyIntervals {

	/** Stands for no end, since no range ends with the empty key. */
	private static final byte[] NO_END = {};

	private final byte[][] starts;

	private final byte[][] ends;

	private KeyIntervals(byte[][] starts, byte[][] ends) {
		this.starts = starts;
		this.ends = ends;
	}

	/** The union of ranges. */
	static KeyIntervals of(List<KeyRange> ranges) {
		List<KeyRange> sorted = new ArrayList<>(ranges);
		sorted.sort((left, right) -> Arrays.compareUnsigned(left.start(), right.start()));
		List<byte[]> starts = new ArrayList<>();
		List<byte[]> ends = new ArrayList<>();
		for (KeyRange range : sorted) {
			int last = starts.size() - 1;
			byte[] end = end(range);
			if (last >= 0 && reaches(ends.get(last), range.start())) {
				ends.set(last, reaches(ends.get(last), end) ? ends.get(last) : end);
			}
			else {
				starts.add(range.start());
				ends.add(end);
			}
		}
		return new KeyIntervals(starts.toArray(byte[][]::new), ends.toArray(byte[][]::new));
	}

	private static byte[] end(KeyRange range) {
		byte[] end = range.end();
		return (end != null) ? end : NO_END;
	}

	/** Whether an end is at or behind a start, or behind another end. */
	private static boolean reaches(byte[] end, byte[] other) {
		return end == NO_END || (other != NO_END && Arrays.compareUnsigned(end, other) >= 0);
	}

	/** Whether all keys of a range are in the union. */
	boolean contain(KeyRange range) {
		int found = Arrays.binarySearch(this.starts, range.start(), Arrays::compareUnsigned);
		int interval = (found >= 0) ? found : -found - 2;
		if (interval < 0) {
			return false;
		}
		byte[] end = this.ends[interval];
		boolean startsInside = end == NO_END || Arrays.compareUnsigned(range.start(), end) < 0;
		return startsInside && (range.isSingle() || reaches(end, end(range)));
	}

}
