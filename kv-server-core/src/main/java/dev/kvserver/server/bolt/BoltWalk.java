package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

import org.jspecify.annotations.Nullable;

/**
 * One walk over one tree. A page is entered once only, which ends every loop, and keys
 * must ascend and lie between those of the branches above.
 */
final class BoltWalk {

	/** No real tree comes near: a branch of a page of 4 KiB has a hundred elements. */
	private static final int DEPTH_MAX = 32;

	/** The largest page with its overflow pages: values of etcd are far smaller. */
	private static final int PAGE_BYTES_MAX = 128 << 20;

	private final BoltFile file;

	private final BoltMeta meta;

	private final BitSet visited = new BitSet();

	private byte @Nullable [] lastKey;

	BoltWalk(BoltFile file, BoltMeta meta) {
		this.file = file;
		this.meta = meta;
	}

	void tree(long root, BoltReader.ElementVisitor visitor) {
		walk(page(root), null, 1, visitor);
	}

	/** Walks the only page of a bucket that lies in the bucket's element. */
	void inline(ByteBuffer value, long offset, BoltReader.ElementVisitor visitor) {
		int base = BoltFormat.BUCKET_HEADER_BYTES;
		if (value.limit() < base + BoltFormat.PAGE_HEADER_BYTES) {
			throw this.file.damaged(offset, "a bucket of " + value.limit() + " bytes");
		}
		BoltPage page = new BoltPage(this.file, value, base, offset + base);
		if (!page.isLeaf()) {
			throw this.file.damaged(offset, "a branch where a leaf is expected");
		}
		walk(page, null, 1, visitor);
	}

	private void walk(BoltPage page, byte @Nullable [] end, int depth, BoltReader.ElementVisitor visitor) {
		for (int i = 0; i < page.count(); i++) {
			byte[] key = page.key(i);
			boolean ascends = this.lastKey == null || Arrays.compareUnsigned(this.lastKey, key) < 0;
			if (!ascends || (end != null && Arrays.compareUnsigned(key, end) >= 0)) {
				throw page.damaged(i, "a key out of order");
			}
			if (page.isLeaf()) {
				this.lastKey = key;
				visitor.element(page, i);
			}
			else {
				if (depth == DEPTH_MAX) {
					throw page.damaged(i, "a tree of more than " + DEPTH_MAX + " levels");
				}
				child(page, i, end, depth, visitor);
			}
		}
	}

	private void child(BoltPage branch, int index, byte @Nullable [] end, int depth,
			BoltReader.ElementVisitor visitor) {
		boolean last = index + 1 == branch.count();
		byte[] childEnd = last ? end : branch.key(index + 1);
		BoltPage page = page(branch.child(index));
		if (page.count() > 0 && Arrays.compareUnsigned(page.key(0), branch.key(index)) < 0) {
			throw page.damaged(0, "a key out of order");
		}
		walk(page, childEnd, depth + 1, visitor);
	}

	private BoltPage page(long id) {
		if (id < BoltFormat.FIRST_PAGE || id >= this.meta.pages()) {
			throw this.file.damaged(0, "it refers to page " + Long.toUnsignedString(id) + " of " + this.meta.pages());
		}
		long offset = id * this.meta.pageBytes();
		ByteBuffer first = bytes(offset, this.meta.pageBytes());
		if (first.getLong(0) != id) {
			throw this.file.damaged(offset,
					"page " + Long.toUnsignedString(first.getLong(0)) + " where page " + id + " is expected");
		}
		long overflow = first.getInt(12) & 0xffffffffL;
		long length = (overflow + 1) * this.meta.pageBytes();
		if (id + overflow >= this.meta.pages() || length > PAGE_BYTES_MAX) {
			throw this.file.damaged(offset + 12, "a page of " + length + " bytes");
		}
		int from = (int) id;
		int end = (int) (id + overflow + 1);
		int taken = this.visited.nextSetBit(from);
		if (taken >= 0 && taken < end) {
			throw this.file.damaged(offset, "a page that is referred to twice");
		}
		this.visited.set(from, end);
		return new BoltPage(this.file, (overflow == 0) ? first : bytes(offset, (int) length), 0, offset);
	}

	private ByteBuffer bytes(long offset, int length) {
		ByteBuffer bytes = this.file.read(offset, length);
		if (bytes == null) {
			throw this.file.damaged(offset, "it ends there");
		}
		return bytes;
	}

}
