package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.util.Comparator;

/**
 * The place of one change in history: the revision of its transaction and its number
 * within it. Stored as etcd stores it, so that hashes agree: 8 bytes big-endian main,
 * {@code _}, 8 bytes big-endian sub, and {@code t} behind it for a tombstone.
 *
 * @param main the store's revision, from 1
 * @param sub the change within the transaction, from 0
 */
public record Revision(long main, long sub) implements Comparable<Revision> {

	private static final Comparator<Revision> ORDER = Comparator.comparingLong(Revision::main)
		.thenComparingLong(Revision::sub);

	private static final int KEY_LENGTH = 17;

	private static final byte SEPARATOR = '_';

	private static final byte TOMBSTONE = 't';

	/**
	 * The stored key of a revision.
	 * @param main the main revision
	 * @param sub the sub revision
	 * @param tombstone whether the change is a delete
	 * @return 17 bytes, 18 for a tombstone
	 */
	public static byte[] encode(long main, long sub, boolean tombstone) {
		ByteBuffer bytes = ByteBuffer.allocate(tombstone ? KEY_LENGTH + 1 : KEY_LENGTH);
		bytes.putLong(main).put(SEPARATOR).putLong(sub);
		if (tombstone) {
			bytes.put(TOMBSTONE);
		}
		return bytes.array();
	}

	/**
	 * The revision in a stored key.
	 * @param key a stored key, at least 17 bytes
	 * @return the revision
	 */
	public static Revision decode(byte[] key) {
		ByteBuffer bytes = ByteBuffer.wrap(key);
		return new Revision(bytes.getLong(0), bytes.getLong(9));
	}

	/**
	 * Whether a stored key marks a delete.
	 * @param key a stored key
	 * @return {@code true} for a tombstone
	 */
	public static boolean isTombstone(byte[] key) {
		return key.length == KEY_LENGTH + 1 && key[KEY_LENGTH] == TOMBSTONE;
	}

	@Override
	public int compareTo(Revision other) {
		return ORDER.compare(this, other);
	}

}
