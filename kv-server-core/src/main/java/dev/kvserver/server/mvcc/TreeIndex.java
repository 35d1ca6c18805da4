package dev.kvserver.server.mvcc;

import java.util.Arrays;

import dev.kvserver.server.mvcc.TreeNode.Branch;
import dev.kvserver.server.mvcc.TreeNode.Leaf;
import org.jspecify.annotations.Nullable;

/**
 * All keys in byte order, with the number of live keys below every branch: how many keys
 * lie in a range is a walk down two paths, O(log n), where etcd visits every key.
 * <p>
 * A persistent B+ tree. A {@code TreeIndex} never changes: readers hold one and need no
 * lock. An {@link Editor} makes the next one by copying the nodes on the paths it
 * touches, each once per edit however many keys of it change, and shares all others.
 * <pre>
 *                 branch  live [3, 2]  first keys [a, m]
 *                /                    \
 *    leaf a c† e g                leaf m p        († deleted, not yet compacted)
 *
 * liveBelow("m") = 3    liveBelow("p") = 3 + 1
 * </pre> Deleted keys stay until compaction removes them, but are not counted.
 */
final class TreeIndex {

	static final int WIDTH = 64;

	private static final int SMALL = WIDTH / 4;

	private static final TreeIndex EMPTY = new TreeIndex(new Leaf(new Object(), new KeyIndex[0], 0));

	private final TreeNode root;

	private TreeIndex(TreeNode root) {
		this.root = root;
	}

	static TreeIndex empty() {
		return EMPTY;
	}

	TreeNode root() {
		return this.root;
	}

	/** The number of live keys. */
	int live() {
		return this.root.live();
	}

	/** The state of a key, also of a deleted one that is not yet compacted. */
	@Nullable KeyIndex get(byte[] key) {
		return find(this.root, key);
	}

	private static @Nullable KeyIndex find(TreeNode from, byte[] key) {
		TreeNode node = from;
		while (node instanceof Branch branch) {
			node = branch.children[branch.childFor(key)];
		}
		Leaf leaf = (Leaf) node;
		int i = leaf.search(key);
		return (i >= 0) ? leaf.entries[i] : null;
	}

	/** The number of live keys in a range. */
	int count(byte[] start, byte @Nullable [] end) {
		int below = (end != null) ? liveBelow(end) : live();
		return Math.max(0, below - liveBelow(start));
	}

	/** The number of live keys below a key. */
	int liveBelow(byte[] key) {
		int count = 0;
		TreeNode node = this.root;
		while (node instanceof Branch branch) {
			int child = branch.childFor(key);
			for (int i = 0; i < child; i++) {
				count += branch.live[i];
			}
			node = branch.children[child];
		}
		Leaf leaf = (Leaf) node;
		int at = leaf.search(key);
		int end = (at >= 0) ? at : -at - 1;
		for (int i = 0; i < end; i++) {
			if (leaf.entries[i].isLive()) {
				count++;
			}
		}
		return count;
	}

	/** A walk over all keys, deleted ones too, from {@code from} on. */
	Cursor cursor(byte[] from) {
		return new Cursor(this.root, from, false);
	}

	/** A walk over the live keys from {@code from} on. */
	Cursor liveCursor(byte[] from) {
		return new Cursor(this.root, from, true);
	}

	/** Starts making the next tree. One thread; one editor at a time. */
	Editor edit() {
		return new Editor(this.root);
	}

	/** A tree of keys given in ascending order, built bottom up with full nodes. */
	static TreeIndex ofSorted(KeyIndex[] keys, int size) {
		Object owner = new Object();
		if (size == 0) {
			return EMPTY;
		}
		TreeNode[] level = new TreeNode[(size + WIDTH - 1) / WIDTH];
		for (int i = 0; i < level.length; i++) {
			KeyIndex[] entries = Arrays.copyOfRange(keys, i * WIDTH, Math.min(size, (i + 1) * WIDTH));
			level[i] = new Leaf(owner, entries, entries.length);
		}
		while (level.length > 1) {
			TreeNode[] above = new TreeNode[(level.length + WIDTH - 1) / WIDTH];
			for (int i = 0; i < above.length; i++) {
				above[i] = new Branch(owner,
						Arrays.copyOfRange(level, i * WIDTH, Math.min(level.length, (i + 1) * WIDTH)));
			}
			level = above;
		}
		return new TreeIndex(level[0]);
	}

	/**
	 * Makes the next tree. The nodes it has copied are its own until {@link #snapshot()},
	 * which gives them up.
	 */
	static final class Editor {

		private TreeNode root;

		private Object owner = new Object();

		/** What the last insert below split off to the right, if anything. */
		private @Nullable TreeNode split;

		private Editor(TreeNode root) {
			this.root = root;
		}

		@Nullable KeyIndex get(byte[] key) {
			return find(this.root, key);
		}

		/** The tree as it is now; later edits copy again what they touch. */
		TreeIndex snapshot() {
			this.owner = new Object();
			return new TreeIndex(this.root);
		}

		/** The tree as it is now, to be read before the next edit only. */
		TreeIndex peek() {
			return new TreeIndex(this.root);
		}

		/** Adds a key, or replaces its state. */
		void put(KeyIndex entry) {
			TreeNode left = put(this.root, entry);
			TreeNode right = this.split;
			this.split = null;
			this.root = (right != null) ? new Branch(this.owner, new TreeNode[] { left, right }) : left;
		}

		private TreeNode put(TreeNode node, KeyIndex entry) {
			return (node instanceof Branch branch) ? putBelow(branch.editable(this.owner), entry)
					: putInto(((Leaf) node).editable(this.owner), entry);
		}

		private Leaf putInto(Leaf leaf, KeyIndex entry) {
			int at = leaf.search(entry.key());
			if (at >= 0) {
				leaf.live += (entry.isLive() ? 1 : 0) - (leaf.entries[at].isLive() ? 1 : 0);
				leaf.entries[at] = entry;
				return leaf;
			}
			at = -at - 1;
			if (leaf.size < WIDTH) {
				leaf.insert(at, entry);
				return leaf;
			}
			int keep = splitPoint(at);
			Leaf right = new Leaf(this.owner, Arrays.copyOfRange(leaf.entries, keep, WIDTH), WIDTH - keep);
			Leaf left = new Leaf(this.owner, Arrays.copyOf(leaf.entries, keep), keep);
			if (at <= keep && keep < WIDTH) {
				left.insert(at, entry);
			}
			else {
				right.insert(at - keep, entry);
			}
			this.split = right;
			return left;
		}

		/** Keys that arrive in order fill their nodes: a split at the end keeps all. */
		private static int splitPoint(int at) {
			return (at == WIDTH) ? WIDTH : WIDTH / 2;
		}

		private Branch putBelow(Branch branch, KeyIndex entry) {
			int i = branch.childFor(entry.key());
			branch.set(i, put(branch.children[i], entry));
			if (i == 0) {
				branch.firstKeys[0] = branch.children[0].firstKey();
			}
			TreeNode right = this.split;
			if (right == null) {
				return branch;
			}
			this.split = null;
			if (branch.size < WIDTH) {
				branch.insert(i + 1, right);
				return branch;
			}
			int keep = splitPoint(i + 1);
			Branch upper = (keep < WIDTH) ? new Branch(this.owner, Arrays.copyOfRange(branch.children, keep, WIDTH))
					: new Branch(this.owner, new TreeNode[] { right });
			Branch lower = new Branch(this.owner, Arrays.copyOf(branch.children, keep));
			if (keep < WIDTH) {
				Branch target = (i + 1 <= keep) ? lower : upper;
				target.insert((i + 1 <= keep) ? i + 1 : i + 1 - keep, right);
			}
			this.split = upper;
			return lower;
		}

		/** Removes a key; an absent one is fine. */
		void remove(byte[] key) {
			if (get(key) == null) {
				return;
			}
			TreeNode next = remove(this.root, key);
			while (next instanceof Branch branch && branch.size == 1) {
				next = branch.children[0];
			}
			this.root = (next.size == 0) ? EMPTY.root : next;
		}

		private TreeNode remove(TreeNode node, byte[] key) {
			if (node instanceof Branch branch) {
				return removeBelow(branch, key);
			}
			Leaf leaf = (Leaf) node;
			int at = leaf.search(key);
			KeyIndex[] left = new KeyIndex[leaf.size - 1];
			System.arraycopy(leaf.entries, 0, left, 0, at);
			System.arraycopy(leaf.entries, at + 1, left, at, left.length - at);
			return new Leaf(this.owner, left, left.length);
		}

		private TreeNode removeBelow(Branch node, byte[] key) {
			int i = node.childFor(key);
			TreeNode next = remove(node.children[i], key);
			Branch branch = node.editable(this.owner);
			if (next.size == 0) {
				branch.remove(i);
				return branch;
			}
			branch.set(i, next);
			branch.firstKeys[i] = next.firstKey();
			joinIfSmall(branch, i);
			return branch;
		}

		/** Joins a small child with a neighbour when both fit into half a node. */
		private void joinIfSmall(Branch branch, int i) {
			if (branch.children[i].size > SMALL || branch.size < 2) {
				return;
			}
			int left = (i > 0) ? i - 1 : 0;
			TreeNode a = branch.children[left];
			TreeNode b = branch.children[left + 1];
			if (a.size + b.size > WIDTH / 2) {
				return;
			}
			branch.set(left, join(a, b));
			branch.remove(left + 1);
		}

		private TreeNode join(TreeNode a, TreeNode b) {
			if (a instanceof Leaf left && b instanceof Leaf right) {
				KeyIndex[] entries = Arrays.copyOf(left.entries, a.size + b.size);
				System.arraycopy(right.entries, 0, entries, a.size, b.size);
				return new Leaf(this.owner, entries, entries.length);
			}
			TreeNode[] children = Arrays.copyOf(((Branch) a).children, a.size + b.size);
			System.arraycopy(((Branch) b).children, 0, children, a.size, b.size);
			return new Branch(this.owner, children);
		}

	}

	/** A walk in ascending order over one tree. One thread. */
	static final class Cursor {

		private final boolean liveOnly;

		private final Branch[] branches = new Branch[16];

		private final int[] positions = new int[16];

		private int depth;

		private @Nullable Leaf leaf;

		private int position;

		private Cursor(TreeNode root, byte[] from, boolean liveOnly) {
			this.liveOnly = liveOnly;
			TreeNode node = root;
			while (node instanceof Branch branch) {
				int child = branch.childFor(from);
				push(branch, child);
				node = branch.children[child];
			}
			this.leaf = (Leaf) node;
			int at = this.leaf.search(from);
			this.position = (at >= 0) ? at : -at - 1;
		}

		private void push(Branch branch, int child) {
			this.branches[this.depth] = branch;
			this.positions[this.depth] = child;
			this.depth++;
		}

		/** The next key, or {@code null} at the end. */
		@Nullable KeyIndex next() {
			while (this.leaf != null) {
				while (this.position < this.leaf.size) {
					KeyIndex entry = this.leaf.entries[this.position++];
					if (!this.liveOnly || entry.isLive()) {
						return entry;
					}
				}
				this.leaf = nextLeaf();
				this.position = 0;
			}
			return null;
		}

		/** Goes up to the next branch with a child left, then down its first path. */
		private @Nullable Leaf nextLeaf() {
			while (this.depth > 0) {
				Branch branch = this.branches[this.depth - 1];
				int child = this.positions[this.depth - 1] + 1;
				while (this.liveOnly && child < branch.size && branch.live[child] == 0) {
					child++;
				}
				this.positions[this.depth - 1] = child;
				if (child == branch.size) {
					this.depth--;
				}
				else if (branch.children[child] instanceof Branch below) {
					push(below, -1);
				}
				else {
					return (Leaf) branch.children[child];
				}
			}
			return null;
		}

	}

}
