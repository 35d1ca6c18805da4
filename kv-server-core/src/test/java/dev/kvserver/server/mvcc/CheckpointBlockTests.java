package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class CheckpointBlockTests {

	private static final long REVISION = 1_000;

	@Test
	void aTypicalKeyTakesItsOwnBytesAndTenMore() {
		CheckpointBlock block = new CheckpointBlock(REVISION);
		block.add(KeyIndex.first(key("/registry/pods/a"), 700, 0, 500, 3, 0));
		int first = block.encode(0).remaining();
		block.add(KeyIndex.first(key("/registry/pods/b"), 700, 0, 500, 3, 0));
		assertThat(block.encode(0).remaining() - first).isEqualTo(1 + 9);
	}

	@Test
	void extremesAreReadBackAsTheyWere() {
		KeyIndex deleted = KeyIndex.first(key("a"), 2, 0, 2, 1, Long.MIN_VALUE).delete(1_000, 1 << 30);
		KeyIndex leased = KeyIndex.first(new byte[] { (byte) 0xff }, 3, Integer.MAX_VALUE, 3, 1, -1);
		KeyIndex changed = KeyIndex.first(new byte[] { (byte) 0xff, 0 }, 3, 4, 3, Long.MAX_VALUE, 0)
			.delete(3, 5)
			.put(3, 6, 7)
			.put(900, 0, 0);
		checkRoundTrip(List.of(deleted, leased, changed));
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
	void anyStatesAreReadBackAsTheyWere(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		TreeIndex.Editor index = TreeIndex.empty().edit();
		for (int i = random.nextInt(1, 300); i > 0; i--) {
			byte[] key = new byte[random.nextInt(1, 40)];
			for (int k = 0; k < key.length; k++) {
				key[k] = (byte) random.nextInt(key.length > 20 ? 2 : 256);
			}
			index.put(randomState(random, key));
		}
		checkRoundTrip(IndexDump.states(index.snapshot()));
	}

	private static KeyIndex randomState(SplittableRandom random, byte[] key) {
		long revision = random.nextInt(1, 200);
		KeyIndex state = KeyIndex.first(key, revision, random.nextInt(300), random.nextLong(1, revision + 1),
				random.nextLong(1, 1 << 20), random.nextInt(3) == 0 ? random.nextLong() : 0);
		for (int i = random.nextInt(6); i > 0; i--) {
			revision += random.nextInt(0, 130);
			boolean delete = state.isLive() && random.nextInt(3) == 0;
			state = delete ? state.delete(revision, 400 + i) : state.put(revision, 400 + i, random.nextInt(2));
		}
		return state;
	}

	private static void checkRoundTrip(List<KeyIndex> states) {
		CheckpointBlock written = new CheckpointBlock(REVISION);
		states.forEach(written::add);
		CheckpointBlock read = read(written.encode(7));
		assertThat(read.isIntact(7)).isTrue();
		assertThat(read.isIntact(8)).isFalse();
		KeyIndex[] keys = new KeyIndex[states.size() + 1];
		assertThat(read.decode(keys, 1)).isEqualTo(keys.length);
		for (int i = 0; i < states.size(); i++) {
			assertThat(IndexDump.text(keys[i + 1])).isEqualTo(IndexDump.text(states.get(i)));
		}
	}

	private static CheckpointBlock read(ByteBuffer bytes) {
		CheckpointBlock block = new CheckpointBlock(REVISION);
		block.room(CheckpointBlock.contentBytes(bytes)).put(bytes);
		return block;
	}

	@Test
	void aBlockGrowsForALargeKey() {
		CheckpointBlock block = new CheckpointBlock(REVISION);
		block.add(KeyIndex.first(key("a"), 2, 0, 2, 1, 0));
		assertThat(block.isFull()).isFalse();
		block.add(KeyIndex.first(new byte[1_500_000], 3, 0, 3, 1, 0));
		assertThat(block.isFull()).isTrue();
		KeyIndex[] keys = new KeyIndex[2];
		assertThat(read(block.encode(0)).decode(keys, 0)).isEqualTo(2);
		assertThat(keys[1].key()).hasSize(1_500_000);
	}

	private static byte[] key(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
