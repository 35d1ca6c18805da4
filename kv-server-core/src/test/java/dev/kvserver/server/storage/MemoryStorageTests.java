package dev.kvserver.server.storage;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryStorageTests extends StorageContractTests {

	@Override
	Storage open() {
		return new MemoryStorage();
	}

	@Test
	void sizeReturnsToZeroWhenEverythingIsDeleted() {
		put(Bucket.KEY, "a", "1");
		put(Bucket.KEY, "a", "22");
		assertThat(storage().sizeBytes()).isPositive();
		try (WriteBatch batch = storage().newBatch()) {
			batch.delete(Bucket.KEY, bytes("a"));
			batch.delete(Bucket.KEY, bytes("a"));
			storage().write(batch);
		}
		assertThat(storage().sizeBytes()).isZero();
	}

}
