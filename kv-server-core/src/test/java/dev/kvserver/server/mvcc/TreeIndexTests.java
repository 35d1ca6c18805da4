package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link TreeIndex} against a sorted map. */
class TreeIndexTests {

	@Test
	void anEmptyTreeHasNothing() {
		TreeIndex tree = TreeIndex.empty();
		assertThat(tree.live()).isZero();
		assertThat(tree.get(key("a"))).isNull();
		assertThat(tree.cursor(new byte[0]).next()).isNull();
		assertThat(tree.count(key("a"), null)).isZero();
	}

	/** The picture in the class comment. */
	@Test
	void deletedKeysAreFoundButNotCounted() {
		TreeIndex.Editor editor = TreeIndex.empty().edit();
		for (String name : List.of("a", "c", "e", "g", "m", "p")) {
			editor.put(live(key(name), 2));
		}
		editor.put(live(key("c"), 2).delete(3, 0));
		TreeIndex tree = editor.snapshot();
		assertThat(tree.liveBelow(key("m"))).isEqualTo(3);
		assertThat(tree.liveBelow(key("p"))).isEqualTo(4);
		assertThat(tree.live()).isEqualTo(5);
		assertThat(tree.get(key("c"))).isNotNull().satisfies((key) -> assertThat(key.isLive()).isFalse());
	}

	@Test
	void anOlderTreeKeepsItsState() {
		TreeIndex.Editor editor = TreeIndex.empty().edit();
		editor.put(live(key("a"), 2));
		TreeIndex before = editor.snapshot();
		for (int i = 0; i < 1_000; i++) {
			editor.put(live(key("b" + i), 3));
		}
		editor.remove(key("a"));
		assertThat(before.live()).isOne();
		assertThat(before.get(key("a"))).isNotNull();
		assertThat(editor.snapshot().live()).isEqualTo(1_000);
	}

	@Test
	void keysInOrderFillTheirLeaves() {
		TreeIndex.Editor editor = TreeIndex.empty().edit();
		for (int i = 0; i < 10_000; i++) {
			editor.put(live(ByteBuffer.allocate(4).putInt(i).array(), 2));
		}
		TreeIndex tree = editor.snapshot();
		assertThat(tree.live()).isEqualTo(10_000);
		assertThat(tree.count(ByteBuffer.allocate(4).putInt(5_000).array(), null)).isEqualTo(5_000);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 63, 64, 65, 4_096, 5_000 })
	void aTreeBuiltFromSortedKeysIsTheSame(int size) {
		KeyIndex[] keys = new KeyIndex[size];
		for (int i = 0; i < size; i++) {
			keys[i] = live(ByteBuffer.allocate(4).putInt(i).array(), 2);
		}
		TreeIndex tree = TreeIndex.ofSorted(keys, size);
		assertThat(tree.live()).isEqualTo(size);
		TreeIndex.Cursor cursor = tree.cursor(new byte[0]);
		for (KeyIndex key : keys) {
			assertThat(cursor.next()).isSameAs(key);
		}
		assertThat(cursor.next()).isNull();
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void agreesWithASortedMap(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		NavigableMap<byte[], KeyIndex> model = new TreeMap<>(Arrays::compareUnsigned);
		TreeIndex.Editor editor = TreeIndex.empty().edit();
		int keys = 1 << random.nextInt(3, 13);
		for (int i = 0; i < 20_000; i++) {
			byte[] key = ByteBuffer.allocate(4).putInt(random.nextInt(keys) * 0x9E3779B1).array();
			int what = random.nextInt(i < 12_000 ? 10 : 20);
			if (what < 6) {
				KeyIndex entry = live(key, i + 2);
				editor.put(entry);
				model.put(key, entry);
			}
			else if (what < 8) {
				KeyIndex entry = live(key, i + 2).delete(i + 3, 0);
				editor.put(entry);
				model.put(key, entry);
			}
			else {
				editor.remove(key);
				model.remove(key);
			}
			if (random.nextInt(50) == 0) {
				compare(editor.snapshot(), model, random, keys);
			}
		}
		compare(editor.snapshot(), model, random, keys);
	}

	private static void compare(TreeIndex tree, NavigableMap<byte[], KeyIndex> model, SplittableRandom random,
			int keys) {
		byte[] from = ByteBuffer.allocate(4).putInt(random.nextInt(keys) * 0x9E3779B1).array();
		byte[] to = ByteBuffer.allocate(4).putInt(random.nextInt(keys) * 0x9E3779B1).array();
		List<KeyIndex> walked = new ArrayList<>();
		TreeIndex.Cursor cursor = tree.cursor(from);
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			walked.add(key);
		}
		assertThat(walked).containsExactlyElementsOf(model.tailMap(from, true).values());
		List<KeyIndex> liveOnly = new ArrayList<>();
		TreeIndex.Cursor live = tree.liveCursor(from);
		for (KeyIndex key = live.next(); key != null; key = live.next()) {
			liveOnly.add(key);
		}
		assertThat(liveOnly).containsExactlyElementsOf(walked.stream().filter(KeyIndex::isLive).toList());
		assertThat(tree.get(from)).isSameAs(model.get(from));
		boolean ordered = Arrays.compareUnsigned(from, to) <= 0;
		long expected = ordered ? model.subMap(from, true, to, false).values().stream().filter(KeyIndex::isLive).count()
				: 0;
		assertThat(tree.count(from, to)).isEqualTo((int) expected);
		assertThat(tree.live()).isEqualTo((int) model.values().stream().filter(KeyIndex::isLive).count());
	}

	private static KeyIndex live(byte[] key, long revision) {
		return KeyIndex.first(key, revision, 0, revision, 1, 0);
	}

	private static byte[] key(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
