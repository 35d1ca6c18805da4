package dev.kvserver.server.lease;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class KeySetTests {

	private static final long SEED = 0x5eed_4e15L;

	@Test
	void keysAreSortedByUnsignedBytes() {
		KeySet set = KeySet.EMPTY.with(bytes(0xff)).with(bytes(0x7f)).with(bytes(0x80)).with(bytes());
		assertThat(set.toList()).containsExactly(bytes(), bytes(0x7f), bytes(0x80), bytes(0xff));
		assertThat(set.size()).isEqualTo(4);
	}

	@Test
	void whatChangesNothingAnswersTheSameSet() {
		KeySet set = KeySet.EMPTY.with(key(1)).with(key(2));
		assertThat(set.with(key(1))).isSameAs(set);
		assertThat(set.without(key(3))).isSameAs(set);
		assertThat(KeySet.EMPTY.without(key(3))).isSameAs(KeySet.EMPTY);
	}

	@Test
	void theLastKeyLeavesTheEmptySet() {
		assertThat(KeySet.EMPTY.with(key(1)).without(key(1))).isSameAs(KeySet.EMPTY);
	}

	@Test
	void aChangeLeavesTheOldSetAsItWas() {
		KeySet before = KeySet.EMPTY;
		for (int i = 0; i < 1000; i++) {
			before = before.with(key(i));
		}
		List<byte[]> keys = before.toList();
		KeySet after = before.with(key(5000)).without(key(0)).without(key(500));
		assertThat(before.toList()).containsExactlyElementsOf(keys);
		assertThat(after.size()).isEqualTo(999);
	}

	@Test
	void randomChangesAgreeWithATreeSet() {
		SplittableRandom random = new SplittableRandom(SEED);
		KeySet set = KeySet.EMPTY;
		TreeSet<byte[]> model = new TreeSet<>(Arrays::compareUnsigned);
		for (int step = 0; step < 60_000; step++) {
			byte[] key = key(random.nextInt(3000));
			// Grows to thousands of keys and shrinks to none, twice.
			boolean growing = step / 15_000 % 2 == 0;
			if (random.nextInt(100) < (growing ? 80 : 20)) {
				set = set.with(key);
				model.add(key);
			}
			else {
				set = set.without(key);
				model.remove(key);
			}
			assertThat(set.size()).isEqualTo(model.size());
			if (step % 1000 == 0) {
				assertThat(set.toList()).as("seed %d step %d", SEED, step)
					.containsExactlyElementsOf(new ArrayList<>(model));
			}
		}
		for (byte[] key : model.toArray(new byte[0][])) {
			set = set.without(key);
		}
		assertThat(set).isSameAs(KeySet.EMPTY);
	}

	private static byte[] key(int number) {
		return Integer.toString(number).getBytes(StandardCharsets.UTF_8);
	}

	private static byte[] bytes(int... values) {
		byte[] bytes = new byte[values.length];
		for (int i = 0; i < values.length; i++) {
			bytes[i] = (byte) values[i];
		}
		return bytes;
	}

}
