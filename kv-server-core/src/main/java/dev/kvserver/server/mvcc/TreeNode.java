package dev.kvserver.server.mvcc;

import java.util.Arrays;

/**
 * A node of a {@link TreeIndex}: a leaf or a branch. Changed only by the editor whose
 * {@code owner} it carries.
 */
abstract sealed class TreeNode permits TreeNode.Leaf, TreeNode.Branch {

	final Object owner;

	int size;

	TreeNode(Object owner, int size) {
		this.owner = owner;
		this.size = size;
	}

	abstract int live();

	abstract byte[] firstKey();

	/** Keys in order, with their states. */
	static final class Leaf extends TreeNode {

		KeyIndex[] entries;

		int live;

		Leaf(Object owner, KeyIndex[] entries, int size) {
			super(owner, size);
			this.entries = entries;
			for (int i = 0; i < size; i++) {
				if (entries[i].isLive()) {
					this.live++;
				}
			}
		}

		private Leaf(Object owner, Leaf copied) {
			super(owner, copied.size);
			this.entries = Arrays.copyOf(copied.entries, copied.size);
			this.live = copied.live;
		}

		Leaf editable(Object editor) {
			return (this.owner == editor) ? this : new Leaf(editor, this);
		}

		@Override
		int live() {
			return this.live;
		}

		@Override
		byte[] firstKey() {
			return this.entries[0].key();
		}

		int search(byte[] key) {
			int low = 0;
			int high = this.size - 1;
			while (low <= high) {
				int mid = (low + high) >>> 1;
				int order = Arrays.compareUnsigned(this.entries[mid].key(), key);
				if (order == 0) {
					return mid;
				}
				if (order < 0) {
					low = mid + 1;
				}
				else {
					high = mid - 1;
				}
			}
			return -low - 1;
		}

		void insert(int at, KeyIndex entry) {
			if (this.size == this.entries.length) {
				int capacity = Math.min(TreeIndex.WIDTH, this.size + this.size / 4 + 4);
				this.entries = Arrays.copyOf(this.entries, capacity);
			}
			System.arraycopy(this.entries, at, this.entries, at + 1, this.size - at);
			this.entries[at] = entry;
			this.size++;
			this.live += entry.isLive() ? 1 : 0;
		}

	}

	/** Children in order, with the first key and the number of live keys of each. */
	static final class Branch extends TreeNode {

		TreeNode[] children;

		byte[][] firstKeys;

		int[] live;

		Branch(Object owner, TreeNode[] children) {
			super(owner, children.length);
			this.children = children;
			this.firstKeys = new byte[children.length][];
			this.live = new int[children.length];
			for (int i = 0; i < children.length; i++) {
				this.firstKeys[i] = children[i].firstKey();
				this.live[i] = children[i].live();
			}
		}

		private Branch(Object owner, Branch copied) {
			super(owner, copied.size);
			this.children = Arrays.copyOf(copied.children, copied.size);
			this.firstKeys = Arrays.copyOf(copied.firstKeys, copied.size);
			this.live = Arrays.copyOf(copied.live, copied.size);
		}

		Branch editable(Object editor) {
			return (this.owner == editor) ? this : new Branch(editor, this);
		}

		@Override
		int live() {
			int sum = 0;
			for (int i = 0; i < this.size; i++) {
				sum += this.live[i];
			}
			return sum;
		}

		@Override
		byte[] firstKey() {
			return this.firstKeys[0];
		}

		/** The last child whose first key is at or below {@code key}, else the first. */
		int childFor(byte[] key) {
			int low = 1;
			int high = this.size - 1;
			while (low <= high) {
				int mid = (low + high) >>> 1;
				if (Arrays.compareUnsigned(this.firstKeys[mid], key) <= 0) {
					low = mid + 1;
				}
				else {
					high = mid - 1;
				}
			}
			return low - 1;
		}

		void set(int i, TreeNode child) {
			this.children[i] = child;
			this.live[i] = child.live();
		}

		void insert(int at, TreeNode child) {
			if (this.size == this.children.length) {
				int capacity = Math.min(TreeIndex.WIDTH, this.size + this.size / 4 + 4);
				this.children = Arrays.copyOf(this.children, capacity);
				this.firstKeys = Arrays.copyOf(this.firstKeys, capacity);
				this.live = Arrays.copyOf(this.live, capacity);
			}
			System.arraycopy(this.children, at, this.children, at + 1, this.size - at);
			System.arraycopy(this.firstKeys, at, this.firstKeys, at + 1, this.size - at);
			System.arraycopy(this.live, at, this.live, at + 1, this.size - at);
			this.size++;
			this.firstKeys[at] = child.firstKey();
			set(at, child);
		}

		void remove(int at) {
			System.arraycopy(this.children, at + 1, this.children, at, this.size - at - 1);
			System.arraycopy(this.firstKeys, at + 1, this.firstKeys, at, this.size - at - 1);
			System.arraycopy(this.live, at + 1, this.live, at, this.size - at - 1);
			this.size--;
		}

	}

}
