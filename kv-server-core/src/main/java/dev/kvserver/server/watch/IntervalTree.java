package dev.kvserver.server.watch;

import java.util.Arrays;
import java.util.function.Consumer;

import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ranges that contain a key without looking at those that do not: a balanced
 * (AVL) tree of ranges ordered by start, then end, where each node also knows the highest
 * end below it. A subtree whose highest end is not above the key is left out, and so is
 * everything to the right of a start above the key. A key in m of n ranges costs O(log n
 * + m) for ranges that nest or lie apart. Answers to etcd's {@code pkg/adt} interval
 * tree.
 *
 * <pre>
 *            [d, f) ..m            match("e"): [d, f); left: ..c is not above e, left out;
 *           /         \            right: [e, m) yes; its right [k, l): k is above e
 *     [a, c) ..c     [e, m) ..m
 *                         \
 *                       [k, l) ..l
 * </pre>
 *
 * Each range has one value. One thread.
 */
final class IntervalTree<T> {

	private @Nullable Node<T> root;

	/** The value of exactly this range. */
	@Nullable T get(KeyRange range) {
		Node<T> node = this.root;
		while (node != null) {
			int order = compare(range, node.range);
			if (order == 0) {
				return node.value;
			}
			node = (order < 0) ? node.left : node.right;
		}
		return null;
	}

	/** Sets the value of a range. */
	void put(KeyRange range, T value) {
		this.root = put(this.root, range, value);
	}

	/** Removes a range, if it is there. */
	void remove(KeyRange range) {
		this.root = remove(this.root, range);
	}

	/** Calls for the value of each range that contains the key. */
	void match(byte[] key, Consumer<? super T> consumer) {
		match(this.root, key, consumer);
	}

	boolean isEmpty() {
		return this.root == null;
	}

	int height() {
		return height(this.root);
	}

	private static <T> void match(@Nullable Node<T> node, byte[] key, Consumer<? super T> consumer) {
		if (node == null || !isBelow(key, node.highestEnd)) {
			return;
		}
		match(node.left, key, consumer);
		if (Arrays.compareUnsigned(node.range.start(), key) <= 0) {
			if (node.range.isBelowEnd(key)) {
				consumer.accept(node.value);
			}
			match(node.right, key, consumer);
		}
	}

	private static <T> Node<T> put(@Nullable Node<T> node, KeyRange range, T value) {
		if (node == null) {
			return new Node<>(range, value);
		}
		int order = compare(range, node.range);
		if (order == 0) {
			node.value = value;
			return node;
		}
		if (order < 0) {
			node.left = put(node.left, range, value);
		}
		else {
			node.right = put(node.right, range, value);
		}
		return balanced(node);
	}

	private static <T> @Nullable Node<T> remove(@Nullable Node<T> node, KeyRange range) {
		if (node == null) {
			return null;
		}
		int order = compare(range, node.range);
		if (order < 0) {
			node.left = remove(node.left, range);
		}
		else if (order > 0) {
			node.right = remove(node.right, range);
		}
		else if (node.left == null) {
			return node.right;
		}
		else if (node.right == null) {
			return node.left;
		}
		else {
			replaceByNext(node, node.right);
		}
		return balanced(node);
	}

	/** Puts the smallest range of the right subtree in the place of a node's own. */
	private static <T> void replaceByNext(Node<T> node, Node<T> right) {
		Node<T> next = right;
		while (next.left != null) {
			next = next.left;
		}
		node.range = next.range;
		node.value = next.value;
		node.right = remove(right, next.range);
	}

	private static <T> Node<T> balanced(Node<T> node) {
		Node<T> left = node.left;
		Node<T> right = node.right;
		int difference = height(left) - height(right);
		if (difference > 1 && left != null) {
			if (height(left.left) < height(left.right)) {
				node.left = rotatedLeft(left);
			}
			return rotatedRight(node);
		}
		if (difference < -1 && right != null) {
			if (height(right.right) < height(right.left)) {
				node.right = rotatedRight(right);
			}
			return rotatedLeft(node);
		}
		node.update();
		return node;
	}

	private static <T> Node<T> rotatedRight(Node<T> node) {
		Node<T> top = node.left;
		if (top == null) {
			return node;
		}
		node.left = top.right;
		top.right = node;
		node.update();
		top.update();
		return top;
	}

	private static <T> Node<T> rotatedLeft(Node<T> node) {
		Node<T> top = node.right;
		if (top == null) {
			return node;
		}
		node.right = top.left;
		top.left = node;
		node.update();
		top.update();
		return top;
	}

	private static <T> int height(@Nullable Node<T> node) {
		return (node != null) ? node.height : 0;
	}

	/** By start, then by end, no end being the highest. */
	private static int compare(KeyRange a, KeyRange b) {
		int order = Arrays.compareUnsigned(a.start(), b.start());
		if (order != 0) {
			return order;
		}
		byte[] aEnd = a.end();
		byte[] bEnd = b.end();
		if (aEnd == null || bEnd == null) {
			return Boolean.compare(aEnd == null, bEnd == null);
		}
		return Arrays.compareUnsigned(aEnd, bEnd);
	}

	private static boolean isBelow(byte[] key, byte @Nullable [] end) {
		return end == null || Arrays.compareUnsigned(key, end) < 0;
	}

	/** One range with everything below it. */
	private static final class Node<T> {

		private KeyRange range;

		private T value;

		private @Nullable Node<T> left;

		private @Nullable Node<T> right;

		private int height = 1;

		/** Of this node and all below it; null for no end. */
		private byte @Nullable [] highestEnd;

		Node(KeyRange range, T value) {
			this.range = range;
			this.value = value;
			this.highestEnd = range.end();
		}

		void update() {
			this.height = 1 + Math.max(height(this.left), height(this.right));
			byte[] highest = this.range.end();
			highest = (this.left != null) ? higher(highest, this.left.highestEnd) : highest;
			this.highestEnd = (this.right != null) ? higher(highest, this.right.highestEnd) : highest;
		}

		private static byte @Nullable [] higher(byte @Nullable [] a, byte @Nullable [] b) {
			return (a != null && isBelow(a, b)) ? b : a;
		}

	}

}
