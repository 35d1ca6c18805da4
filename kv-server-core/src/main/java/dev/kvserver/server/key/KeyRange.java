package dev.kvserver.server.key;

import java.util.Arrays;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A half-open interval of keys {@code [start, end)} in unsigned byte order. This is the
 * only place that knows what etcd's {@code range_end} means: absent or empty is the
 * single key, one zero byte is "every key from {@code key} on", anything else is the
 * exclusive end.
 * <p>
 * Immutable; the arrays it hands out are shared and must not be changed.
 *
 * @see <a href="https://etcd.io/docs/v3.6/learning/api/">etcd API, key ranges</a>
 */
public final class KeyRange {

	private static final byte[] EMPTY = {};

	private static final KeyRange ALL = new KeyRange(EMPTY, null, false);

	private final byte[] start;

	private final byte @Nullable [] end;

	private final boolean single;

	private KeyRange(byte[] start, byte @Nullable [] end, boolean single) {
		this.start = start;
		this.end = end;
		this.single = single;
	}

	/**
	 * The range a request names.
	 * @param key the request's {@code key}
	 * @param rangeEnd the request's {@code range_end}; empty means the single key, one
	 * zero byte means no upper end
	 * @return the range; {@link #isEmpty() empty} when {@code rangeEnd <= key}
	 */
	public static KeyRange of(ByteString key, ByteString rangeEnd) {
		byte[] start = Bytes.of(key);
		if (rangeEnd.isEmpty()) {
			return single(start);
		}
		boolean open = rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
		return new KeyRange(start, open ? null : Bytes.of(rangeEnd), false);
	}

	/**
	 * The range that holds one key.
	 * @param key the key
	 * @return the range
	 */
	public static KeyRange single(byte[] key) {
		return new KeyRange(key, null, true);
	}

	/**
	 * The keys from {@code start} (inclusive) to {@code end} (exclusive).
	 * @param start the first key
	 * @param end the exclusive end, or {@code null} for none
	 * @return the range
	 */
	public static KeyRange between(byte[] start, byte @Nullable [] end) {
		return new KeyRange(start, end, false);
	}

	/**
	 * The range of every key.
	 * @return the range
	 */
	public static KeyRange all() {
		return ALL;
	}

	/**
	 * The first key that may be in the range.
	 * @return the inclusive start
	 */
	public byte[] start() {
		return this.start;
	}

	/**
	 * The first key behind the range.
	 * @return the exclusive end, or {@code null} if there is no upper end
	 */
	public byte @Nullable [] end() {
		return this.single ? Arrays.copyOf(this.start, this.start.length + 1) : this.end;
	}

	/**
	 * Whether the request named one key, without {@code range_end}.
	 * @return {@code true} for a single key
	 */
	public boolean isSingle() {
		return this.single;
	}

	/**
	 * Whether no key can be in the range.
	 * @return {@code true} if the end is not above the start
	 */
	public boolean isEmpty() {
		return this.end != null && Arrays.compareUnsigned(this.start, this.end) >= 0;
	}

	/**
	 * Whether {@code key} is in the range.
	 * @param key a key
	 * @return {@code true} if {@code start <= key < end}
	 */
	public boolean contains(byte[] key) {
		if (this.single) {
			return Arrays.equals(this.start, key);
		}
		return Arrays.compareUnsigned(this.start, key) <= 0 && isBelowEnd(key);
	}

	/**
	 * Whether {@code key} lies below the end, be it above the start or not.
	 * @param key a key
	 * @return {@code true} if there is no end or {@code key < end}
	 */
	public boolean isBelowEnd(byte[] key) {
		if (this.single) {
			return Arrays.compareUnsigned(key, this.start) <= 0;
		}
		return this.end == null || Arrays.compareUnsigned(key, this.end) < 0;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof KeyRange that && Arrays.equals(this.start, that.start)
				&& Arrays.equals(this.end, that.end) && this.single == that.single;
	}

	@Override
	public int hashCode() {
		return 31 * Arrays.hashCode(this.start) + Arrays.hashCode(this.end);
	}

	@Override
	public String toString() {
		return this.single ? Bytes.toText(this.start)
				: "[" + Bytes.toText(this.start) + ", " + ((this.end != null) ? Bytes.toText(this.end) : "∞") + ")";
	}

}
