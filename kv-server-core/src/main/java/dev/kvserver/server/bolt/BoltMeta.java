package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * What a meta page says.
 *
 * @param pageBytes the size of pages
 * @param root the page of the tree of buckets
 * @param pages the number of pages in use or free
 * @param transaction the transaction that wrote it
 */
record BoltMeta(int pageBytes, long root, long pages, long transaction) {

	private static final int PAGE_BYTES_MIN = 1 << 10;

	private static final int PAGE_BYTES_MAX = 16 << 20;

	/** The newer of the valid ones. */
	static BoltMeta read(BoltFile file) {
		BoltMeta first = readAt(file, 0);
		BoltMeta newest = first;
		if (first != null) {
			newest = newer(first, readAt(file, first.pageBytes));
		}
		else {
			// Where the second page begins is written in the first one.
			for (int size = PAGE_BYTES_MIN; newest == null && size <= PAGE_BYTES_MAX; size *= 2) {
				newest = readAt(file, size);
			}
		}
		if (newest == null) {
			throw absent(file);
		}
		return newest.checked(file);
	}

	private static BoltMeta newer(BoltMeta first, @Nullable BoltMeta second) {
		return (second != null && second.transaction > first.transaction) ? second : first;
	}

	/** The meta of a page, or null if the page holds no valid one. */
	private static @Nullable BoltMeta readAt(BoltFile file, long offset) {
		ByteBuffer page = file.read(offset, BoltFormat.PAGE_HEADER_BYTES + BoltFormat.META_BYTES);
		int at = BoltFormat.PAGE_HEADER_BYTES;
		if (page == null || page.getInt(at) != BoltFormat.MAGIC || page.getInt(at + 4) != BoltFormat.VERSION
				|| page.getLong(at + 56) != BoltFormat.checksum(page, at)) {
			return null;
		}
		return new BoltMeta(page.getInt(at + 8), page.getLong(at + 16), page.getLong(at + 40), page.getLong(at + 48));
	}

	private static BoltFormatException absent(BoltFile file) {
		ByteBuffer page = file.read(0, BoltFormat.PAGE_HEADER_BYTES + BoltFormat.META_BYTES);
		if (page == null) {
			return file.foreign("it has " + file.sizeBytes() + " bytes only");
		}
		if (page.getInt(BoltFormat.PAGE_HEADER_BYTES) != BoltFormat.MAGIC) {
			return file.foreign("it does not begin as one");
		}
		return file.damaged(BoltFormat.PAGE_HEADER_BYTES, "neither of the first two pages is whole");
	}

	private BoltMeta checked(BoltFile file) {
		if (this.pageBytes < PAGE_BYTES_MIN || this.pageBytes > PAGE_BYTES_MAX
				|| Integer.bitCount(this.pageBytes) != 1) {
			throw file.damaged(BoltFormat.PAGE_HEADER_BYTES, "pages of " + this.pageBytes + " bytes");
		}
		if (this.pages <= BoltFormat.FIRST_PAGE || this.pages > Integer.MAX_VALUE) {
			throw file.damaged(BoltFormat.PAGE_HEADER_BYTES, this.pages + " pages");
		}
		if (this.pages * this.pageBytes > file.sizeBytes()) {
			throw file.damaged(file.sizeBytes(),
					"it ends there, and should have " + this.pages * this.pageBytes + " bytes");
		}
		return this;
	}

}
