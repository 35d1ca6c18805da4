package dev.kvserver.server.storage;

import org.jspecify.annotations.Nullable;

/**
 * How buckets share the store. {@code KEY} has a column family of its own: its keys only
 * ever grow, so files of it do not overlap and RocksDB moves them between levels instead
 * of merging them. All else is small and lies in one other family, told apart by a first
 * byte. The bytes are part of the format on disk.
 */
final class RocksKeys {

	private RocksKeys() {
	}

	static byte prefix(Bucket bucket) {
		return switch (bucket) {
			case META -> 1;
			case LEASE -> 2;
			case ALARM -> 3;
			case AUTH -> 4;
			case AUTH_USERS -> 5;
			case AUTH_ROLES -> 6;
			case MEMBERS -> 7;
			case KEY -> throw new IllegalArgumentException("bucket: KEY has no prefix");
		};
	}

	/** The key as it is stored. */
	static byte[] stored(Bucket bucket, byte[] key) {
		if (bucket == Bucket.KEY) {
			return key;
		}
		byte[] stored = new byte[key.length + 1];
		stored[0] = prefix(bucket);
		System.arraycopy(key, 0, stored, 1, key.length);
		return stored;
	}

	/** The exclusive end of a scan as it is stored, or null for none. */
	static byte @Nullable [] storedEnd(Bucket bucket, byte @Nullable [] end) {
		if (end != null) {
			return stored(bucket, end);
		}
		return (bucket != Bucket.KEY) ? new byte[] { (byte) (prefix(bucket) + 1) } : null;
	}

}
