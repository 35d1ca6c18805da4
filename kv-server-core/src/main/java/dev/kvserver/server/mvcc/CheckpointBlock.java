package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A stretch of keys in a checkpoint of the index, as bytes. In front stand the length of
 * the content and a checksum, which covers the number of the block too: a block in the
 * wrong place is as bad as a damaged one. Then one entry per key, in ascending order:
 * <pre>
 *   shared     how many bytes the key shares with the key before; 0 for the first
 *   rest       how many bytes follow, and these bytes
 *   what       number of earlier changes * 4 + 2 with lease + 1 if deleted
 *   mod        the checkpoint's revision - the key's, then its sub revision
 *   create     mod - create, then the version; not for a deleted key
 *   lease      8 bytes, if it has one
 *   earlier    of each earlier change, newest first, the distance from the one after it,
 *              then sub * 2 + 1 if it is a delete
 * </pre> All other numbers are varints as in protobuf. A typical key takes its own
 * different bytes and ten more.
 */
final class CheckpointBlock {

	static final int HEADER_BYTES = 2 * Integer.BYTES;

	/** A block is full when it has grown to this. */
	static final int FULL_BYTES = 256 * 1024;

	private static final int VARINT_BYTES_MAX = 10;

	private static final byte[] NO_KEY = {};

	private static final long[] NO_CHANGES = {};

	private final long revision;

	private byte[] bytes = new byte[FULL_BYTES + FULL_BYTES / 4];

	/** Where the next byte is written or read. */
	private int position = HEADER_BYTES;

	private byte[] previousKey = NO_KEY;

	CheckpointBlock(long revision) {
		this.revision = revision;
	}

	/** Begins an empty block. */
	void begin() {
		this.position = HEADER_BYTES;
		this.previousKey = NO_KEY;
	}

	boolean isEmpty() {
		return this.position == HEADER_BYTES;
	}

	boolean isFull() {
		return this.position >= FULL_BYTES;
	}

	/** Adds a key. */
	void add(KeyIndex index) {
		byte[] key = index.key();
		long[] older = index.olderPairs();
		ensure(key.length + (8 + older.length) * VARINT_BYTES_MAX);
		int shared = Math.max(0, Arrays.mismatch(this.previousKey, key));
		writeVarint(shared);
		writeVarint(key.length - shared);
		System.arraycopy(key, shared, this.bytes, this.position, key.length - shared);
		this.position += key.length - shared;
		this.previousKey = key;
		writeVarint(older.length * 2L + ((index.lease() != 0) ? 2 : 0) + (index.isLive() ? 0 : 1));
		writeVarint(this.revision - index.modRevision());
		writeVarint(index.sub());
		if (index.isLive()) {
			writeVarint(index.modRevision() - index.createRevision());
			writeVarint(index.version());
		}
		if (index.lease() != 0) {
			ByteBuffer.wrap(this.bytes).putLong(this.position, index.lease());
			this.position += Long.BYTES;
		}
		long later = index.modRevision();
		for (int i = older.length - 2; i >= 0; i -= 2) {
			writeVarint(later - older[i]);
			writeVarint(KeyIndex.packedSub(older[i + 1]));
			later = older[i];
		}
	}

	private void ensure(int more) {
		if (this.bytes.length - this.position < more) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(this.position + more, this.bytes.length * 2));
		}
	}

	private void writeVarint(long value) {
		long left = value;
		while ((left & ~0x7fL) != 0) {
			this.bytes[this.position++] = (byte) (left | 0x80);
			left >>>= 7;
		}
		this.bytes[this.position++] = (byte) left;
	}

	/** The whole block, to be written out before the next one is begun. */
	ByteBuffer encode(long number) {
		ByteBuffer block = ByteBuffer.wrap(this.bytes, 0, this.position);
		block.putInt(0, this.position - HEADER_BYTES);
		block.putInt(Integer.BYTES, checksum(number, this.position));
		return block;
	}

	/** How many bytes of content follow a header; not to be trusted before a check. */
	static int contentBytes(ByteBuffer header) {
		return header.getInt(0);
	}

	/** Room for a whole block, to be read into before {@link #decode}. */
	ByteBuffer room(int contentBytes) {
		this.position = 0;
		ensure(HEADER_BYTES + contentBytes);
		return ByteBuffer.wrap(this.bytes, 0, HEADER_BYTES + contentBytes);
	}

	/** Whether a block that was read is the one that was written. */
	boolean isIntact(long number) {
		ByteBuffer block = ByteBuffer.wrap(this.bytes);
		return block.getInt(Integer.BYTES) == checksum(number, HEADER_BYTES + block.getInt(0));
	}

	private int checksum(long number, int end) {
		CRC32C crc = new CRC32C();
		crc.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
		crc.update(this.bytes, HEADER_BYTES, end - HEADER_BYTES);
		return (int) crc.getValue();
	}

	/**
	 * Takes the keys out of a block that was read.
	 * @param target takes them, from {@code at} on
	 * @return the number of keys in {@code target} then
	 */
	int decode(KeyIndex[] target, int at) {
		int end = HEADER_BYTES + ByteBuffer.wrap(this.bytes).getInt(0);
		begin();
		int count = at;
		while (this.position < end) {
			target[count++] = readKey();
		}
		return count;
	}

	private KeyIndex readKey() {
		byte[] key = readName();
		int what = (int) readVarint();
		long mod = this.revision - readVarint();
		int sub = (int) readVarint();
		boolean live = (what & 1) == 0;
		long create = live ? mod - readVarint() : 0;
		long version = live ? readVarint() : 0;
		long lease = 0;
		if ((what & 2) != 0) {
			lease = ByteBuffer.wrap(this.bytes).getLong(this.position);
			this.position += Long.BYTES;
		}
		return KeyIndex.restored(key, mod, sub, create, version, lease, readOlder(what >>> 2, mod));
	}

	private byte[] readName() {
		int shared = (int) readVarint();
		int rest = (int) readVarint();
		byte[] key = new byte[shared + rest];
		System.arraycopy(this.previousKey, 0, key, 0, shared);
		System.arraycopy(this.bytes, this.position, key, shared, rest);
		this.position += rest;
		this.previousKey = key;
		return key;
	}

	private long[] readOlder(int count, long mod) {
		if (count == 0) {
			return NO_CHANGES;
		}
		long[] older = new long[2 * count];
		long later = mod;
		for (int i = older.length - 2; i >= 0; i -= 2) {
			later -= readVarint();
			older[i] = later;
			older[i + 1] = KeyIndex.unpackedSub(readVarint());
		}
		return older;
	}

	private long readVarint() {
		byte first = this.bytes[this.position++];
		if (first >= 0) {
			return first;
		}
		long value = first & 0x7f;
		for (int shift = 7; shift < Long.SIZE; shift += 7) {
			byte next = this.bytes[this.position++];
			value |= (long) (next & 0x7f) << shift;
			if (next >= 0) {
				return value;
			}
		}
		throw new IllegalStateException("a number without end at " + this.position);
	}

}
