package dev.kvserver.server.bolt;

/**
 * What the first page of a file says of all others, and what is therefore counted before
 * the file is written.
 *
 * @param pages how many pages the file has, both meta pages included
 * @param root the page of the tree of buckets
 */
public record BoltLayout(long pages, long root) {

	/**
	 * The size of a file of that layout.
	 * @return bytes
	 */
	public long sizeBytes() {
		return this.pages * BoltFormat.PAGE_BYTES;
	}

}
