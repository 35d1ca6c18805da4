package dev.kvserver.server.storage;

import java.util.Arrays;

/**
 * A batch written down in RocksDB's own form while it is filled, so that it crosses into
 * the native library in one call instead of one per change (a third of the time for a
 * batch of twenty):
 *
 * <pre>
 *   8 bytes sequence (0) | 4 bytes count | changes...          little-endian
 *   put     01 key value, or 05 family key value
 *   delete  00 key,       or 04 family key
 * </pre>
 *
 * where family is a varint and key and value are byte strings with a varint length. The
 * form is part of RocksDB's log format and thus stable.
 */
final class RocksWriteBatch implements WriteBatch {

	private static final int HEADER = 12;

	private static final int COUNT_AT = 8;

	private static final int CAPACITY_FIRST = 16 << 10;

	/** A buffer grown beyond this by one large batch is dropped when it is cleared. */
	private static final int CAPACITY_KEPT_MAX = 4 << 20;

	/** The longest head of a change: tag, family, bucket, two lengths. */
	private static final int HEAD_MAX = 1 + 5 + 5 + 1 + 5;

	private static final byte DELETE = 0x0;

	private static final byte PUT = 0x1;

	/** Added to the tag when a family other than the default follows. */
	private static final byte IN_FAMILY = 0x4;

	private final int metaFamily;

	private byte[] buffer = new byte[CAPACITY_FIRST];

	private int position = HEADER;

	private int count;

	RocksWriteBatch(int metaFamily) {
		this.metaFamily = metaFamily;
	}

	@Override
	public void put(Bucket bucket, byte[] key, byte[] value) {
		reserve((long) HEAD_MAX + key.length + value.length);
		appendHead(PUT, bucket, key);
		appendVarint(value.length);
		append(value);
	}

	@Override
	public void delete(Bucket bucket, byte[] key) {
		reserve((long) HEAD_MAX + key.length);
		appendHead(DELETE, bucket, key);
	}

	private void appendHead(byte tag, Bucket bucket, byte[] key) {
		this.count++;
		if (bucket == Bucket.KEY) {
			this.buffer[this.position++] = tag;
			appendVarint(key.length);
		}
		else {
			this.buffer[this.position++] = (byte) (tag + IN_FAMILY);
			appendVarint(this.metaFamily);
			appendVarint(key.length + 1);
			this.buffer[this.position++] = RocksKeys.prefix(bucket);
		}
		append(key);
	}

	private void append(byte[] bytes) {
		System.arraycopy(bytes, 0, this.buffer, this.position, bytes.length);
		this.position += bytes.length;
	}

	private void appendVarint(int value) {
		int rest = value;
		while ((rest & ~0x7f) != 0) {
			this.buffer[this.position++] = (byte) (rest | 0x80);
			rest >>>= 7;
		}
		this.buffer[this.position++] = (byte) rest;
	}

	private void reserve(long more) {
		long needed = this.position + more;
		if (needed > this.buffer.length) {
			long capacity = Math.max(needed, Math.min(2L * this.buffer.length, Integer.MAX_VALUE - 8));
			this.buffer = Arrays.copyOf(this.buffer, Math.toIntExact(capacity));
		}
	}

	/** The batch in RocksDB's form. */
	byte[] serialized() {
		for (int i = 0; i < Integer.BYTES; i++) {
			this.buffer[COUNT_AT + i] = (byte) (this.count >>> (8 * i));
		}
		return Arrays.copyOf(this.buffer, this.position);
	}

	@Override
	public int count() {
		return this.count;
	}

	@Override
	public void clear() {
		if (this.buffer.length > CAPACITY_KEPT_MAX) {
			this.buffer = new byte[CAPACITY_FIRST];
		}
		this.position = HEADER;
		this.count = 0;
	}

	@Override
	public void close() {
		clear();
	}

}
