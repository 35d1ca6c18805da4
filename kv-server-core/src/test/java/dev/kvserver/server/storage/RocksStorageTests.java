package dev.kvserver.server.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RocksStorageTests extends StorageContractTests {

	/** Small buffers, so that files are written and merged within a test. */
	private static final RocksOptions SMALL = new RocksOptions(64 << 10, 1 << 20, 64, 2);

	@TempDir
	Path directory;

	@Override
	Storage open() {
		return RocksStorage.open(this.directory.resolve("db"), SMALL);
	}

	/**
	 * Large buffers and few flushes, so that RocksDB does nothing by itself while its
	 * files are copied.
	 */
	@Test
	void crashLosesWhatWasNotFlushedInAllBucketsAlike() throws Exception {
		Path directory = this.directory.resolve("quiet");
		try (Storage quiet = RocksStorage.open(directory, RocksOptions.DEFAULTS)) {
			int flushed = 0;
			for (int written = 1; written <= 300; written++) {
				writeNumbered(quiet, written);
				if (written % 100 == 0) {
					assertThat(recoverFrom(copyOf(directory, "before" + written))).isEqualTo(flushed);
					quiet.flush();
					flushed = written;
					assertThat(recoverFrom(copyOf(directory, "after" + written))).isEqualTo(flushed);
				}
			}
		}
		assertThat(recoverFrom(directory)).isEqualTo(300);
	}

	private static void writeNumbered(Storage storage, int number) {
		try (WriteBatch batch = storage.newBatch()) {
			batch.put(Bucket.KEY, bytes("%08d".formatted(number)), new byte[300]);
			batch.put(Bucket.META, bytes("applied"), bytes(Integer.toString(number)));
			storage.write(batch);
		}
	}

	@Test
	void peekDoesNotReadTheDisk() {
		Path directory = this.directory.resolve("cold");
		try (Storage written = RocksStorage.open(directory, SMALL)) {
			writeNumbered(written, 1);
		}
		try (Storage cold = RocksStorage.open(directory, SMALL)) {
			assertThat(cold.peek(Bucket.KEY, bytes("00000001"))).isNull();
			assertThat(cold.get(Bucket.KEY, bytes("00000001"))).hasSize(300);
			assertThat(cold.peek(Bucket.KEY, bytes("00000001"))).hasSize(300);
		}
	}

	/** How many numbered writes there are: the same in both buckets, without a gap. */
	private static int recoverFrom(Path directory) {
		try (Storage recovered = RocksStorage.open(directory, RocksOptions.DEFAULTS);
				Storage.Scan scan = recovered.scan(Bucket.KEY, bytes(""), null)) {
			int count = 0;
			while (scan.next()) {
				count++;
				assertThat(scan.key()).isEqualTo(bytes("%08d".formatted(count)));
			}
			byte[] applied = recovered.get(Bucket.META, bytes("applied"));
			assertThat((applied != null) ? new String(applied, StandardCharsets.ISO_8859_1) : "0")
				.isEqualTo(Integer.toString(count));
			return count;
		}
	}

	/** The files as a killed process leaves them. */
	private Path copyOf(Path source, String name) throws IOException {
		Path copy = Files.createDirectory(this.directory.resolve(name));
		try (var files = Files.list(source)) {
			for (Path file : files.toList()) {
				Files.copy(file, copy.resolve(file.getFileName()));
			}
		}
		return copy;
	}

	@Test
	void closedStoreIsFoundAgainWhole() {
		put(Bucket.KEY, "a", "1");
		put(Bucket.LEASE, "b", "2");
		storage().close();
		try (Storage reopened = open()) {
			assertThat(reopened.get(Bucket.KEY, bytes("a"))).isEqualTo(bytes("1"));
			assertThat(reopened.get(Bucket.LEASE, bytes("b"))).isEqualTo(bytes("2"));
		}
	}

	@Test
	void callsAfterTheEndAreRefusedAndClosingTwiceIsFine() {
		put(Bucket.KEY, "a", "1");
		Storage.Scan scan = storage().scan(Bucket.KEY, bytes(""), null);
		assertThat(scan.next()).isTrue();
		storage().close();
		storage().close();
		assertThatThrownBy(() -> storage().get(Bucket.KEY, bytes("a"))).isInstanceOf(StorageException.class)
			.hasMessageContaining("is closed");
		assertThatThrownBy(scan::next).isInstanceOf(StorageException.class);
		assertThatThrownBy(scan::key).isInstanceOf(StorageException.class);
		assertThatThrownBy(() -> put(Bucket.KEY, "b", "2")).isInstanceOf(StorageException.class);
		assertThatThrownBy(storage()::flush).isInstanceOf(StorageException.class);
		assertThatThrownBy(storage()::sizeBytes).isInstanceOf(StorageException.class);
		scan.close();
	}

	@Test
	void closingWaitsForReadsUnderWay() throws Exception {
		for (int i = 0; i < 1_000; i++) {
			put(Bucket.KEY, "%08d".formatted(i), "value");
		}
		storage().flush();
		AtomicBoolean refused = new AtomicBoolean();
		Thread reader = new Thread(() -> {
			try {
				for (int i = 0;; i = (i + 1) % 1_000) {
					assertThat(storage().get(Bucket.KEY, bytes("%08d".formatted(i)))).isNotNull();
				}
			}
			catch (StorageException ex) {
				refused.set(true);
			}
		});
		reader.start();
		storage().close();
		reader.join();
		assertThat(refused).isTrue();
	}

	@Test
	void sizesGrowWithWhatIsWritten() {
		long empty = storage().sizeBytes();
		for (int i = 0; i < 1_000; i++) {
			writeNumbered(storage(), i);
		}
		storage().flush();
		assertThat(storage().sizeBytes()).isGreaterThan(empty + 250_000);
		assertThat(storage().sizeInUseBytes()).isPositive().isLessThanOrEqualTo(storage().sizeBytes());
	}

	@Test
	void secondOpeningNamesTheDirectory() {
		assertThatThrownBy(this::open).isInstanceOf(StorageException.class)
			.hasMessageContaining(this.directory.resolve("db").toString());
	}

	@Test
	void damagedFileIsReportedNotReturned() throws Exception {
		for (int i = 0; i < 1_000; i++) {
			writeNumbered(storage(), i);
		}
		storage().close();
		Path table;
		try (var files = Files.list(this.directory.resolve("db"))) {
			table = files.filter((file) -> file.toString().endsWith(".sst"))
				.max((one, other) -> Long.compare(one.toFile().length(), other.toFile().length()))
				.orElseThrow();
		}
		byte[] content = Files.readAllBytes(table);
		content[content.length / 3] ^= 1;
		Files.write(table, content);
		try (Storage reopened = open()) {
			assertThatThrownBy(() -> {
				for (int i = 0; i < 1_000; i++) {
					reopened.get(Bucket.KEY, bytes("%08d".formatted(i)));
				}
			}).isInstanceOf(StorageException.class).hasMessageContaining("db");
		}
	}

}
