package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;

/**
 * A page that has been read: a leaf or a branch. Everything is checked against the page
 * before it is used, so that no content makes reading fail in any other way than with a
 * {@link BoltFormatException}.
 */
final class BoltPage {

	private final BoltFile file;

	private final ByteBuffer bytes;

	/** Where the page begins, in the buffer and in the file. */
	private final int base;

	private final long offset;

	private final boolean leaf;

	private final int count;

	/** Takes a page from {@code base} to the end of the bytes. */
	BoltPage(BoltFile file, ByteBuffer bytes, int base, long offset) {
		this.file = file;
		this.bytes = bytes;
		this.base = base;
		this.offset = offset;
		int flags = bytes.getShort(base + 8) & 0xffff;
		if (flags != BoltFormat.FLAG_LEAF && flags != BoltFormat.FLAG_BRANCH) {
			throw file.damaged(offset + 8, "a page with flags " + flags + " where a leaf or branch is expected");
		}
		this.leaf = flags == BoltFormat.FLAG_LEAF;
		this.count = bytes.getShort(base + 10) & 0xffff;
		if (this.count == 0xffff || dataAt() > bytes.limit()) {
			throw file.damaged(offset + 10, this.count + " elements in a page");
		}
		if (!this.leaf && this.count == 0) {
			throw file.damaged(offset + 10, "a branch without elements");
		}
	}

	private int dataAt() {
		return this.base + BoltFormat.PAGE_HEADER_BYTES + BoltFormat.ELEMENT_BYTES * this.count;
	}

	private int elementAt(int index) {
		return this.base + BoltFormat.PAGE_HEADER_BYTES + BoltFormat.ELEMENT_BYTES * index;
	}

	boolean isLeaf() {
		return this.leaf;
	}

	int count() {
		return this.count;
	}

	boolean isBucket(int index) {
		int flags = this.bytes.getInt(elementAt(index));
		if (flags != 0 && flags != BoltFormat.FLAG_BUCKET) {
			throw damaged(index, "an element with flags " + flags);
		}
		return flags == BoltFormat.FLAG_BUCKET;
	}

	byte[] key(int index) {
		int at = elementAt(index);
		int positionAt = this.leaf ? at + 4 : at;
		long size = this.bytes.getInt(positionAt + 4) & 0xffffffffL;
		if (size == 0) {
			throw damaged(index, "an element without key");
		}
		return slice(index, this.bytes.getInt(positionAt) & 0xffffffffL, size);
	}

	byte[] value(int index) {
		int at = elementAt(index);
		long keySize = this.bytes.getInt(at + 8) & 0xffffffffL;
		long size = this.bytes.getInt(at + 12) & 0xffffffffL;
		return slice(index, (this.bytes.getInt(at + 4) & 0xffffffffL) + keySize, size);
	}

	/** The offset of a value in the file. */
	long valueOffset(int index) {
		int at = elementAt(index);
		long position = (this.bytes.getInt(at + 4) & 0xffffffffL) + (this.bytes.getInt(at + 8) & 0xffffffffL);
		return this.offset + at - this.base + position;
	}

	long child(int index) {
		return this.bytes.getLong(elementAt(index) + 8);
	}

	private byte[] slice(int index, long position, long size) {
		long from = elementAt(index) + position;
		if (from < dataAt() || from + size > this.bytes.limit()) {
			throw damaged(index, "an element that reaches out of its page");
		}
		byte[] slice = new byte[(int) size];
		this.bytes.get((int) from, slice);
		return slice;
	}

	BoltFormatException damaged(int index, String what) {
		return this.file.damaged(this.offset + elementAt(index) - this.base, what);
	}

}
