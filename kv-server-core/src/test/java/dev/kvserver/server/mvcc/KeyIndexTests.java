package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The example of {@link KeyIndex}: put(2) put(5) delete(7) put(9). */
class KeyIndexTests {

	private static KeyIndex example() {
		return KeyIndex.first(new byte[] { 'k' }, 2, 0, 2, 1, 0).put(5, 0, 0).delete(7, 0).put(9, 0, 0);
	}

	@Test
	void theLatestChangeIsKnownInFull() {
		KeyIndex key = example();
		assertThat(key.modRevision()).isEqualTo(9);
		assertThat(key.createRevision()).isEqualTo(9);
		assertThat(key.version()).isEqualTo(1);
		assertThat(key.isLive()).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "1,", "2,2", "3,2", "4,2", "5,5", "6,5", "7,", "8,", "9,9", "10,9" })
	void aReaderSeesTheNewestChangeAtItsRevision(long revision, Long expected) {
		Revision at = example().at(revision);
		assertThat((at != null) ? at.main() : null).isEqualTo(expected);
		assertThat(example().isLiveAt(revision)).isEqualTo(expected != null);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			1  | 2 5 7x 9 |
			2  | 2 5 7x 9 |
			4  | 2 5 7x 9 |
			5  | 5 7x 9   | 2
			6  | 5 7x 9   | 2
			7  | 7x 9     | 2 5
			8  | 9        | 2 5 7x
			9  | 9        | 2 5 7x
			10 | 9        | 2 5 7x
			""")
	void compactionKeepsTheNewestChangeAtItsRevision(long revision, String kept, String removed) {
		KeyIndex example = example();
		List<String> gone = new ArrayList<>();
		for (int i = 0; i < example.countCompactable(revision); i++) {
			byte[] stored = example.storedKey(i);
			gone.add(name(Revision.decode(stored).main(), Revision.isTombstone(stored)));
		}
		assertThat(String.join(" ", gone)).isEqualTo((removed != null) ? removed : "");
		KeyIndex left = example.compact(revision);
		assertThat(left).isNotNull();
		assertThat(String.join(" ", changes(left))).isEqualTo(kept);
	}

	@Test
	void aDeletedKeyIsForgottenOnceCompactionIsPastItsTombstone() {
		KeyIndex deleted = KeyIndex.first(new byte[] { 'k' }, 2, 0, 2, 1, 0).delete(4, 0);
		assertThat(deleted.compact(4)).isNotNull().satisfies((left) -> assertThat(changes(left)).containsExactly("4x"));
		assertThat(deleted.compact(5)).isNull();
	}

	@Test
	void aKeyPutAndDeletedByOneTxnIsGoneAtThatRevision() {
		KeyIndex key = KeyIndex.first(new byte[] { 'k' }, 3, 0, 3, 1, 0).delete(3, 1);
		assertThat(key.at(3)).isNull();
		assertThat(changes(key)).containsExactly("3", "3x");
	}

	@Test
	void olderStatesDoNotSeeWhatNewerOnesAppend() {
		KeyIndex key = KeyIndex.first(new byte[] { 'k' }, 2, 0, 2, 1, 0);
		List<KeyIndex> states = new ArrayList<>();
		for (int revision = 3; revision < 100; revision++) {
			key = key.put(revision, 0, 0);
			states.add(key);
		}
		for (int i = 0; i < states.size(); i++) {
			assertThat(states.get(i).olderCount()).isEqualTo(i + 1);
			assertThat(states.get(i).version()).isEqualTo(i + 2);
			assertThat(states.get(i).createRevision()).isEqualTo(2);
		}
	}

	@Test
	void aRetiredStateTakesNoValueAnyMore() {
		KeyIndex key = KeyIndex.first(new byte[] { 'k' }, 2, 0, 2, 1, 0);
		byte[] value = { 1 };
		assertThat(key.fillValue(value)).isTrue();
		assertThat(key.fillValue(new byte[] { 2 })).isFalse();
		assertThat(key.retire()).isSameAs(value);
		assertThat(key.fillValue(value)).isFalse();
		assertThat(key.cachedValue()).isNull();
	}

	private static List<String> changes(KeyIndex key) {
		List<String> changes = new ArrayList<>();
		long[] older = key.olderPairs();
		for (int i = 0; i < older.length; i += 2) {
			changes.add(name(older[i], older[i + 1] >= 1L << 62));
		}
		changes.add(name(key.modRevision(), !key.isLive()));
		return changes;
	}

	private static String name(long main, boolean tombstone) {
		return main + (tombstone ? "x" : "");
	}

}
