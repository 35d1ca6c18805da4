package dev.kvserver.server.bolt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Builds the tree of a bucket from keys in ascending order, from left to right. There is
 * one node in memory for each level. A node that is full is written and becomes an
 * element of the node above, so that a page always lies behind all pages below it:
 *
 * <pre>
 *             page 4                  in the file: 2 3 4, or with one more leaf
 *            /      \                              2 3 4 ... the root being last
 *       page 2      page 3
 * </pre>
 *
 * A node is written only when the next element is there already. So no level ever ends up
 * empty, and a root that is a branch has two elements at least.
 */
final class BoltTree {

	/** A branch with a single element would not bring the tree to an end. */
	private static final int BRANCH_ELEMENTS_MIN = 2;

	private static final byte[] NONE = {};

	private final BoltWriter writer;

	private final List<BoltNode> levels = new ArrayList<>();

	private byte @Nullable [] lastKey;

	BoltTree(BoltWriter writer, boolean ofBuckets) {
		this.writer = writer;
		this.levels.add(BoltNode.leaf(ofBuckets));
	}

	void put(byte[] key, byte[] value) {
		if (key.length == 0 || key.length > BoltFormat.KEY_BYTES_MAX) {
			throw new IllegalArgumentException(
					"key: " + key.length + " bytes (expected: 1 to " + BoltFormat.KEY_BYTES_MAX + ")");
		}
		if (this.lastKey != null && Arrays.compareUnsigned(this.lastKey, key) >= 0) {
			throw new IllegalArgumentException(
					"key: " + Arrays.toString(key) + " (expected: one above " + Arrays.toString(this.lastKey) + ")");
		}
		this.lastKey = key;
		BoltNode leaf = this.levels.get(0);
		if (leaf.count() > 0 && !leaf.fits(key, value)) {
			flush(0);
		}
		leaf.add(key, value);
	}

	/** Writes a node and makes it an element of the node above. */
	private void flush(int level) {
		BoltNode node = this.levels.get(level);
		byte[] firstKey = node.firstKey();
		long page = this.writer.write(node);
		if (level + 1 == this.levels.size()) {
			this.levels.add(BoltNode.branch());
		}
		BoltNode above = this.levels.get(level + 1);
		if (above.count() >= BRANCH_ELEMENTS_MIN && !above.fits(firstKey, NONE)) {
			flush(level + 1);
		}
		above.add(firstKey, page);
	}

	/** Writes what is left; returns the page of the root. */
	long end() {
		int level = 0;
		while (level + 1 < this.levels.size()) {
			flush(level);
			level++;
		}
		return this.writer.write(this.levels.get(level));
	}

}
