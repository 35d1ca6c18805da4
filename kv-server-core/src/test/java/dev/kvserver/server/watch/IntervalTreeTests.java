package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import dev.kvserver.server.key.KeyRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link IntervalTree} against a list of ranges. */
class IntervalTreeTests {

	private final IntervalTree<String> tree = new IntervalTree<>();

	/** The picture in the class comment. */
	@Test
	void keyMatchesTheRangesThatContainIt() {
		for (String range : List.of("df", "ac", "em", "kl")) {
			this.tree.put(range(range.substring(0, 1), range.substring(1)), range);
		}
		assertThat(match("e")).containsExactly("df", "em");
		assertThat(match("c")).isEmpty();
		assertThat(match("a")).containsExactly("ac");
		assertThat(match("k")).containsExactly("em", "kl");
		assertThat(match("m")).isEmpty();
	}

	@Test
	void rangeWithoutEndMatchesEverythingAboveItsStart() {
		this.tree.put(KeyRange.between(WatchFixture.bytes("b"), null), "from b");
		this.tree.put(KeyRange.all(), "all");
		this.tree.put(range("b", "c"), "b to c");
		assertThat(match("\u00ff\u00ff")).containsExactly("all", "from b");
		assertThat(match("a")).containsExactly("all");
		this.tree.remove(KeyRange.all());
		assertThat(match("a")).isEmpty();
	}

	@Test
	void bytesAreComparedWithoutSign() {
		this.tree.put(range("\u007f", "\u0081"), "middle");
		assertThat(match("\u0080")).containsExactly("middle");
		assertThat(match("\u0001")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void randomRangesAreFoundAsInAList(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		Map<KeyRange, String> expected = new HashMap<>();
		for (int step = 0; step < 1_000; step++) {
			KeyRange range = randomRange(random);
			if (random.nextInt(5) < 3) {
				this.tree.put(range, "value " + step);
				expected.put(range, "value " + step);
			}
			else {
				this.tree.remove(range);
				expected.remove(range);
			}
			assertThat(this.tree.get(range)).as("seed %s step %s", seed, step).isEqualTo(expected.get(range));
			String key = randomKey(random);
			List<String> matches = expected.entrySet()
				.stream()
				.filter((entry) -> entry.getKey().contains(WatchFixture.bytes(key)))
				.map(Map.Entry::getValue)
				.toList();
			assertThat(match(key)).as("seed %s step %s", seed, step).containsExactlyInAnyOrderElementsOf(matches);
		}
		List.copyOf(expected.keySet()).forEach(this.tree::remove);
		assertThat(this.tree.isEmpty()).isTrue();
	}

	/** Counts comparisons by the depth that sorted insertion leads to. */
	@Test
	void sortedInsertionLeavesTheTreeFlat() {
		IntStream.range(0, 1 << 14)
			.forEach((i) -> this.tree.put(range("%05d".formatted(i), "%05d~".formatted(i)), "" + i));
		assertThat(this.tree.height()).isLessThanOrEqualTo(20);
		assertThat(match("00777/x")).containsExactly("777");
	}

	private List<String> match(String key) {
		List<String> found = new ArrayList<>();
		this.tree.match(WatchFixture.bytes(key), found::add);
		return found;
	}

	private static KeyRange range(String start, String end) {
		return KeyRange.between(WatchFixture.bytes(start), WatchFixture.bytes(end));
	}

	private static KeyRange randomRange(SplittableRandom random) {
		String a = randomKey(random);
		String b = randomKey(random);
		if (random.nextInt(10) == 0) {
			return KeyRange.between(WatchFixture.bytes(a), null);
		}
		return (a.compareTo(b) < 0) ? range(a, b) : range(b, a + "x");
	}

	private static String randomKey(SplittableRandom random) {
		String key = "" + (char) ('a' + random.nextInt(6));
		return random.nextBoolean() ? key : key + (char) (0x7d + random.nextInt(6));
	}

}
