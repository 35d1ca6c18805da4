package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A page that is being filled: a leaf with values, or a branch with pages below it. */
final class BoltNode {

	private static final byte[] NONE = {};

	private final int pageFlag;

	private final int elementFlags;

	private final List<byte[]> keys = new ArrayList<>();

	private final List<byte[]> values = new ArrayList<>();

	private final List<Long> children = new ArrayList<>();

	private long sizeBytes = BoltFormat.PAGE_HEADER_BYTES;

	private BoltNode(int pageFlag, int elementFlags) {
		this.pageFlag = pageFlag;
		this.elementFlags = elementFlags;
	}

	/** A leaf whose elements are plain, or all of them buckets. */
	static BoltNode leaf(boolean ofBuckets) {
		return new BoltNode(BoltFormat.FLAG_LEAF, ofBuckets ? BoltFormat.FLAG_BUCKET : 0);
	}

	static BoltNode branch() {
		return new BoltNode(BoltFormat.FLAG_BRANCH, 0);
	}

	/** Whether an element still fits into one page. */
	boolean fits(byte[] key, byte[] value) {
		return this.sizeBytes + BoltFormat.ELEMENT_BYTES + key.length + value.length <= BoltFormat.PAGE_BYTES;
	}

	void add(byte[] key, byte[] value) {
		this.keys.add(key);
		this.values.add(value);
		this.sizeBytes += BoltFormat.ELEMENT_BYTES + key.length + (long) value.length;
	}

	void add(byte[] key, long child) {
		this.children.add(child);
		add(key, NONE);
	}

	int count() {
		return this.keys.size();
	}

	byte[] firstKey() {
		return this.keys.get(0);
	}

	/** How many pages it takes, at least one. */
	int pages() {
		return (int) ((this.sizeBytes + BoltFormat.PAGE_BYTES - 1) / BoltFormat.PAGE_BYTES);
	}

	/** Writes header, elements and bytes from the beginning of a buffer of zeros. */
	void write(ByteBuffer target, long id) {
		target.putLong(id).putShort((short) this.pageFlag).putShort((short) count()).putInt(pages() - 1);
		int dataAt = BoltFormat.PAGE_HEADER_BYTES + BoltFormat.ELEMENT_BYTES * count();
		for (int i = 0; i < count(); i++) {
			int position = dataAt - target.position();
			if (this.pageFlag == BoltFormat.FLAG_BRANCH) {
				target.putInt(position).putInt(this.keys.get(i).length).putLong(this.children.get(i));
			}
			else {
				target.putInt(this.elementFlags)
					.putInt(position)
					.putInt(this.keys.get(i).length)
					.putInt(this.values.get(i).length);
			}
			dataAt += this.keys.get(i).length + this.values.get(i).length;
		}
		for (int i = 0; i < count(); i++) {
			target.put(this.keys.get(i)).put(this.values.get(i));
		}
	}

	void clear() {
		this.keys.clear();
		this.values.clear();
		this.children.clear();
		this.sizeBytes = BoltFormat.PAGE_HEADER_BYTES;
	}

}
