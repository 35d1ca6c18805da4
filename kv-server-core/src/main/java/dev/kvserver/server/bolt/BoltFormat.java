package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The numbers of the format. A file is a row of pages of equal size, and every number in
 * it is little-endian:
 *
 * <pre>
 *   page 0, 1   meta: where the root is; of two valid ones the newer counts
 *   page n      branch: keys and the pages below; leaf: keys and values
 *
 *   page        id 8, flags 2, count 2, overflow 4 | elements | their bytes
 *   branch      position 4, key size 4, page 8                      per element
 *   leaf        flags 4, position 4, key size 4, value size 4       per element
 * </pre>
 *
 * A position counts from the beginning of its element. What does not fit a page goes on
 * in {@code overflow} pages behind it. The root is a tree of buckets, each of which is a
 * leaf element with a flag whose value is the page of another tree; or page 0, and then
 * the tree is a leaf page that follows in the value.
 */
final class BoltFormat {

	static final int MAGIC = 0xED0CDAED;

	static final int VERSION = 2;

	/** The size of pages written; read ones have their own. */
	static final int PAGE_BYTES = 4096;

	static final int PAGE_HEADER_BYTES = 16;

	static final int ELEMENT_BYTES = 16;

	static final int BUCKET_HEADER_BYTES = 16;

	static final int META_BYTES = 64;

	static final int FLAG_BRANCH = 0x01;

	static final int FLAG_LEAF = 0x02;

	static final int FLAG_META = 0x04;

	/** In a leaf element: the value is a bucket. */
	static final int FLAG_BUCKET = 0x01;

	/**
	 * The list of free pages is not in the file; there may be none, or it is searched.
	 */
	static final long NO_FREE_LIST = -1;

	/** bbolt's limit for keys. */
	static final int KEY_BYTES_MAX = 32_768;

	static final int FIRST_PAGE = 2;

	private static final int CHECKED_BYTES = META_BYTES - Long.BYTES;

	private static final long FNV_OFFSET = 0xcbf29ce484222325L;

	private static final long FNV_PRIME = 0x100000001b3L;

	private BoltFormat() {
	}

	/** A buffer of the format's byte order. */
	static ByteBuffer allocate(int size) {
		return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
	}

	/** FNV-64a of what the checksum of a meta covers. */
	static long checksum(ByteBuffer page, int metaAt) {
		long hash = FNV_OFFSET;
		for (int i = metaAt; i < metaAt + CHECKED_BYTES; i++) {
			hash = (hash ^ (page.get(i) & 0xff)) * FNV_PRIME;
		}
		return hash;
	}

}
