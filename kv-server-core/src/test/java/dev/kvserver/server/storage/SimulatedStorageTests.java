package dev.kvserver.server.storage;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SimulatedStorageTests extends StorageContractTests {

	@Override
	Storage open() {
		return new SimulatedStorage();
	}

	@Test
	void crashLosesASuffixOfTheUnflushedBatches() {
		put(Bucket.KEY, "a", "1");
		storage().flush();
		put(Bucket.KEY, "b", "2");
		put(Bucket.KEY, "c", "3");
		SimulatedStorage before = (SimulatedStorage) storage();
		assertThat(before.unflushedCount()).isEqualTo(2);
		SimulatedStorage after = before.crash(1);
		assertThat(after.get(Bucket.KEY, bytes("a"))).isNotNull();
		assertThat(after.get(Bucket.KEY, bytes("b"))).isNotNull();
		assertThat(after.get(Bucket.KEY, bytes("c"))).isNull();
		assertThat(after.unflushedCount()).isZero();
	}

	@Test
	void failureIsThrownByWriteAndFlush() {
		SimulatedStorage storage = (SimulatedStorage) storage();
		storage.failWith(new StorageException("no space", null));
		assertThatThrownBy(() -> put(Bucket.KEY, "a", "1")).hasMessage("no space");
		assertThatThrownBy(storage::flush).hasMessage("no space");
		assertThat(storage.get(Bucket.KEY, bytes("a"))).isNull();
	}

}
