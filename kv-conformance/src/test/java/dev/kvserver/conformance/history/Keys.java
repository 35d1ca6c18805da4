package dev.kvserver.conformance.history;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;

/**
 * A small key space, so that requests collide: keys that are prefixes of others, bytes at
 * both ends of the order, and enough of them for a stream of several parts.
 */
final class Keys {

	/** The end of a range that has no end. */
	static final ByteString FROM_KEY = bytes(0);

	private static final List<ByteString> ALL = all();

	private Keys() {
	}

	static ByteString key(Dice dice) {
		return dice.pick(ALL);
	}

	/** A key, rarely the empty one, which every request refuses. */
	static ByteString keyOrEmpty(Dice dice) {
		return (dice.below(60) == 0) ? ByteString.EMPTY : key(dice);
	}

	/** An end for a range that starts at a key: of every kind, empty and reversed too. */
	static ByteString end(Dice dice, ByteString key) {
		int kind = dice.below(100);
		if (kind < 35) {
			return ByteString.EMPTY;
		}
		if (kind < 50) {
			return FROM_KEY;
		}
		if (kind < 75) {
			return prefixEnd(key);
		}
		return (kind < 80) ? key : key(dice);
	}

	static ByteString end(Dice dice, ByteString key, int percentOfRanges) {
		return dice.chance(percentOfRanges) ? end(dice, key) : ByteString.EMPTY;
	}

	/** The first key behind all that start with a prefix. */
	static ByteString prefixEnd(ByteString prefix) {
		for (int i = prefix.size() - 1; i >= 0; i--) {
			int last = prefix.byteAt(i) & 0xff;
			if (last < 0xff) {
				return prefix.substring(0, i).concat(bytes(last + 1));
			}
		}
		return FROM_KEY;
	}

	private static List<ByteString> all() {
		List<ByteString> keys = new ArrayList<>(List.of(bytes(0), bytes('a', 0), bytes(0xff), bytes(0xff, 0xff)));
		for (String first : List.of("a", "b", "k")) {
			keys.add(ByteString.copyFromUtf8(first));
			for (String second : List.of("/", "/a", "/aa", "/b", "0", "b")) {
				keys.add(ByteString.copyFromUtf8(first + second));
			}
		}
		return List.copyOf(keys);
	}

	private static ByteString bytes(int... bytes) {
		byte[] array = new byte[bytes.length];
		for (int i = 0; i < bytes.length; i++) {
			array[i] = (byte) bytes[i];
		}
		return ByteString.copyFrom(array);
	}

}
