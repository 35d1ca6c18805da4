package dev.kvserver.server.mvcc;

import java.util.Arrays;

import dev.kvserver.server.mvcc.TreeNode.Branch;
import dev.kvserver.server.mvcc.TreeNode.Leaf;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds in every {@link TreeIndex} at any time. */
final class TreeChecks {

	private TreeChecks() {
	}

	static void check(TreeIndex tree) {
		TreeNode root = tree.root();
		if (root.size == 0) {
			assertThat(root).isInstanceOf(Leaf.class);
			return;
		}
		assertThat(depth(root)).isPositive();
		assertThat(root instanceof Branch && root.size < 2).as("a root with one child").isFalse();
	}

	/** Checks what is below a node; all leaves must be equally deep. */
	private static int depth(TreeNode node) {
		assertThat(node.size).isBetween(1, TreeIndex.WIDTH);
		if (node instanceof Leaf leaf) {
			checkLeaf(leaf);
			return 1;
		}
		Branch branch = (Branch) node;
		int depth = depth(branch.children[0]);
		for (int i = 0; i < branch.size; i++) {
			TreeNode child = branch.children[i];
			assertThat(branch.firstKeys[i]).isSameAs(child.firstKey());
			assertThat(branch.live[i]).isEqualTo(child.live());
			if (i > 0) {
				assertThat(depth(child)).isEqualTo(depth);
				assertThat(Arrays.compareUnsigned(lastKey(branch.children[i - 1]), child.firstKey())).isNegative();
			}
		}
		return depth + 1;
	}

	private static void checkLeaf(Leaf leaf) {
		int live = 0;
		for (int i = 0; i < leaf.size; i++) {
			live += leaf.entries[i].isLive() ? 1 : 0;
			if (i > 0) {
				assertThat(Arrays.compareUnsigned(leaf.entries[i - 1].key(), leaf.entries[i].key())).isNegative();
			}
		}
		assertThat(leaf.live()).isEqualTo(live);
	}

	private static byte[] lastKey(TreeNode node) {
		TreeNode last = node;
		while (last instanceof Branch branch) {
			last = branch.children[branch.size - 1];
		}
		Leaf leaf = (Leaf) last;
		return leaf.entries[leaf.size - 1].key();
	}

}
