package dev.kvserver.server.watch;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Values by the range they are about: single keys by hash, everything else in an
 * {@link IntervalTree}. One thread.
 */
final class RangeIndex<T> {

	private final Map<Key, T> singles = new HashMap<>();

	private final IntervalTree<T> ranges = new IntervalTree<>();

	@Nullable T get(KeyRange range) {
		return range.isSingle() ? this.singles.get(new Key(range.start())) : this.ranges.get(range);
	}

	void put(KeyRange range, T value) {
		if (range.isSingle()) {
			this.singles.put(new Key(range.start()), value);
		}
		else {
			this.ranges.put(range, value);
		}
	}

	void remove(KeyRange range) {
		if (range.isSingle()) {
			this.singles.remove(new Key(range.start()));
		}
		else {
			this.ranges.remove(range);
		}
	}

	/** Calls for the value of each range that contains the key. */
	void match(byte[] key, Consumer<? super T> consumer) {
		if (!this.singles.isEmpty()) {
			T single = this.singles.get(new Key(key));
			if (single != null) {
				consumer.accept(single);
			}
		}
		this.ranges.match(key, consumer);
	}

	boolean isEmpty() {
		return this.singles.isEmpty() && this.ranges.isEmpty();
	}

	/**
	 * A key to hash. Comparable, so that keys made to collide cost a tree and not a list.
	 */
	private static final class Key implements Comparable<Key> {

		private final byte[] bytes;

		private final int hash;

		Key(byte[] bytes) {
			this.bytes = bytes;
			this.hash = Arrays.hashCode(bytes);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Key that && Arrays.equals(this.bytes, that.bytes);
		}

		@Override
		public int hashCode() {
			return this.hash;
		}

		@Override
		public int compareTo(Key other) {
			return Arrays.compareUnsigned(this.bytes, other.bytes);
		}

	}

}
