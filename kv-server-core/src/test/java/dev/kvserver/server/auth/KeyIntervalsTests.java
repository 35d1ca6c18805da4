package dev.kvserver.server.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import dev.kvserver.server.key.KeyRange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The union of ranges, against asking every key. */
class KeyIntervalsTests {

	@Test
	void theDrawnExampleHolds() {
		KeyIntervals union = KeyIntervals
			.of(List.of(range("a", "c"), range("b", "d"), range("d", "f"), range("k", "")));
		assertThat(union.contain(range("c", "e"))).isTrue();
		assertThat(union.contain(range("e", "g"))).isFalse();
		assertThat(union.contain(range("k", ""))).isTrue();
		assertThat(union.contain(range("k", "l"))).isFalse();
		assertThat(union.contain(range("f", ""))).isFalse();
		assertThat(union.contain(range("A", ""))).isFalse();
	}

	@Test
	void anOpenEndIsOnlyInAnOpenEnd() {
		KeyIntervals closed = KeyIntervals.of(List.of(range("a", "z")));
		assertThat(closed.contain(range("b", "\0"))).isFalse();
		KeyIntervals open = KeyIntervals.of(List.of(range("a", "z"), range("m", "\0")));
		assertThat(open.contain(range("b", "\0"))).isTrue();
		assertThat(open.contain(range("b", "zz"))).isTrue();
		assertThat(open.contain(range("\0", "\0"))).isFalse();
	}

	/** An empty range counts as its start, as in etcd. */
	@Test
	void anEmptyRangeIsInTheUnionWhenItsStartIs() {
		KeyIntervals union = KeyIntervals.of(List.of(range("b", "c")));
		assertThat(union.contain(range("b", "a"))).isTrue();
		assertThat(union.contain(range("c", "a"))).isFalse();
	}

	@Test
	void nothingGrantedContainsNothing() {
		assertThat(KeyIntervals.of(List.of()).contain(range("a", ""))).isFalse();
	}

	@Test
	void theUnionAgreesWithAskingEveryKey() {
		for (long seed = 0; seed < 3_000; seed++) {
			SplittableRandom random = new SplittableRandom(seed);
			List<KeyRange> granted = new ArrayList<>();
			for (int i = random.nextInt(6); i > 0; i--) {
				granted.add(randomRange(random));
			}
			KeyIntervals union = KeyIntervals.of(granted);
			for (int i = 0; i < 10; i++) {
				KeyRange asked = randomRange(random);
				assertThat(union.contain(asked)).as("seed %s: %s in %s", seed, asked, granted)
					.isEqualTo(everyKeyIsIn(asked, granted));
			}
		}
	}

	/** Keys are one letter, or one and a zero byte, so that all of them can be asked. */
	private static boolean everyKeyIsIn(KeyRange asked, List<KeyRange> granted) {
		for (char letter = 'a'; letter <= 'r'; letter++) {
			for (String key : List.of("" + letter, letter + "\0")) {
				byte[] bytes = ByteString.copyFromUtf8(key).toByteArray();
				if (asked.contains(bytes) && granted.stream().noneMatch((range) -> range.contains(bytes))) {
					return false;
				}
			}
		}
		return asked.end() != null || granted.stream().anyMatch((range) -> range.end() == null);
	}

	private static KeyRange randomRange(SplittableRandom random) {
		String start = "" + (char) ('a' + random.nextInt(8));
		return switch (random.nextInt(4)) {
			case 0 -> range(start, "");
			case 1 -> range(start, "\0");
			default -> range(start, "" + (char) (start.charAt(0) + 1 + random.nextInt(9)));
		};
	}

	private static KeyRange range(String key, String end) {
		return KeyRange.of(ByteString.copyFromUtf8(key), ByteString.copyFromUtf8(end));
	}

}
