package dev.kvserver.benchmarks.load.workload;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import dev.kvserver.benchmarks.load.wire.KeyValueView;

/**
 * The keys from number 0 on: a prefix and the number with leading zeros, all of one
 * length, so that their order is that of the numbers.
 * <p>
 * Not thread-safe: there is one array for the key that is being written.
 */
final class Keyspace {

	/** Of the value that a single key has for an end. */
	static final byte[] NO_END = new byte[0];

	private final byte[] prefix;

	private final byte[] end;

	private final byte[] key;

	private final int keys;

	private final int digits;

	/**
	 * Makes a set of keys.
	 * @param prefix what they begin with, not empty, ASCII
	 * @param keyBytes the length of a key
	 * @param keys how many there are, above 0
	 * @throws IllegalArgumentException if the keys do not fit into the length
	 */
	Keyspace(String prefix, int keyBytes, int keys) {
		this.digits = Integer.toString(keys - 1).length();
		if (prefix.isEmpty() || prefix.length() + this.digits > keyBytes) {
			throw new IllegalArgumentException(
					"%d keys under \"%s\" need keys of more than %d bytes".formatted(keys, prefix, keyBytes));
		}
		this.prefix = prefix.getBytes(StandardCharsets.US_ASCII);
		this.end = this.prefix.clone();
		this.end[this.end.length - 1]++;
		this.key = new byte[keyBytes];
		Arrays.fill(this.key, (byte) '0');
		System.arraycopy(this.prefix, 0, this.key, 0, this.prefix.length);
		this.keys = keys;
	}

	/** How many keys there are. */
	int keys() {
		return this.keys;
	}

	/** Where a range over all keys begins. */
	byte[] first() {
		return this.prefix;
	}

	/** Where a range over all keys ends. */
	byte[] end() {
		return this.end;
	}

	/** The key of a number, valid until the next is asked for. */
	byte[] key(int number) {
		int rest = number;
		for (int i = 1; i <= this.digits; i++) {
			this.key[this.key.length - i] = (byte) ('0' + rest % 10);
			rest /= 10;
		}
		return this.key;
	}

	/** The number of a key, or -1 if it is not one of these. */
	int number(KeyValueView keyValue) {
		byte[] bytes = keyValue.array();
		int from = keyValue.keyOffset();
		int fixed = this.key.length - this.digits;
		if (keyValue.keyLength() != this.key.length || !Arrays.equals(bytes, from, from + fixed, this.key, 0, fixed)) {
			return -1;
		}
		long number = 0;
		for (int i = from + fixed; i < from + this.key.length; i++) {
			int digit = bytes[i] - '0';
			if (digit < 0 || digit > 9) {
				return -1;
			}
			number = number * 10 + digit;
		}
		return (number < this.keys) ? (int) number : -1;
	}

}
