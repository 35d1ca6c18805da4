package dev.kvserver.server.storage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What every store must do, whatever it keeps its bytes in. */
abstract class StorageContractTests {

	private static final List<Bucket> BUCKETS = List.of(Bucket.values());

	private Storage storage;

	/** Opens an empty store. */
	abstract Storage open() throws Exception;

	@BeforeEach
	void openStorage() throws Exception {
		this.storage = open();
	}

	@AfterEach
	void closeStorage() {
		this.storage.close();
	}

	final Storage storage() {
		return this.storage;
	}

	@Test
	void absentKeyHasNoValue() {
		assertThat(this.storage.get(Bucket.KEY, bytes("a"))).isNull();
	}

	@Test
	void putIsReadBack() {
		put(Bucket.KEY, "a", "1");
		assertThat(this.storage.get(Bucket.KEY, bytes("a"))).isEqualTo(bytes("1"));
	}

	@Test
	void peekSeesWhatWasJustWritten() {
		put(Bucket.KEY, "a", "1");
		assertThat(this.storage.peek(Bucket.KEY, bytes("a"))).isEqualTo(bytes("1"));
		assertThat(this.storage.peek(Bucket.KEY, bytes("b"))).isNull();
	}

	@Test
	void putOverwrites() {
		put(Bucket.KEY, "a", "1");
		put(Bucket.KEY, "a", "2");
		assertThat(this.storage.get(Bucket.KEY, bytes("a"))).isEqualTo(bytes("2"));
	}

	@Test
	void deleteRemovesAndAnAbsentKeyIsFine() {
		put(Bucket.KEY, "a", "1");
		try (WriteBatch batch = this.storage.newBatch()) {
			batch.delete(Bucket.KEY, bytes("a"));
			batch.delete(Bucket.KEY, bytes("never there"));
			this.storage.write(batch);
		}
		assertThat(this.storage.get(Bucket.KEY, bytes("a"))).isNull();
		assertThat(entries(Bucket.KEY, "", null)).isEmpty();
	}

	@Test
	void emptyValueAndEmptyKeyAreKept() {
		put(Bucket.ALARM, "a", "");
		put(Bucket.ALARM, "", "b");
		assertThat(this.storage.get(Bucket.ALARM, bytes("a"))).isEmpty();
		assertThat(this.storage.get(Bucket.ALARM, bytes(""))).isEqualTo(bytes("b"));
		assertThat(entries(Bucket.ALARM, "", null)).containsExactly("=b", "a=");
	}

	@Test
	void bucketsDoNotShareKeys() {
		for (Bucket bucket : Bucket.values()) {
			put(bucket, "k", bucket.name());
			put(bucket, "\u00ff\u00ff", bucket.name());
		}
		for (Bucket bucket : Bucket.values()) {
			assertThat(this.storage.get(bucket, bytes("k"))).isEqualTo(bytes(bucket.name()));
			assertThat(entries(bucket, "", null)).containsExactly("k=" + bucket.name(),
					"\u00ff\u00ff=" + bucket.name());
		}
	}

	@Test
	void laterChangeInABatchWins() {
		try (WriteBatch batch = this.storage.newBatch()) {
			batch.put(Bucket.KEY, bytes("a"), bytes("1"));
			batch.delete(Bucket.KEY, bytes("a"));
			batch.delete(Bucket.KEY, bytes("b"));
			batch.put(Bucket.KEY, bytes("b"), bytes("2"));
			assertThat(batch.count()).isEqualTo(4);
			this.storage.write(batch);
		}
		assertThat(entries(Bucket.KEY, "", null)).containsExactly("b=2");
	}

	@Test
	void clearedBatchIsEmptyAndMayBeFilledAgain() {
		try (WriteBatch batch = this.storage.newBatch()) {
			batch.put(Bucket.KEY, bytes("a"), bytes("1"));
			batch.clear();
			assertThat(batch.count()).isZero();
			this.storage.write(batch);
			batch.put(Bucket.KEY, bytes("b"), bytes("2"));
			this.storage.write(batch);
		}
		assertThat(entries(Bucket.KEY, "", null)).containsExactly("b=2");
	}

	@Test
	void largeBatchAndLargeValueAreKept() {
		byte[] large = new byte[3 << 20];
		Arrays.fill(large, (byte) 7);
		try (WriteBatch batch = this.storage.newBatch()) {
			for (int i = 0; i < 10_000; i++) {
				batch.put(Bucket.KEY, number(i), number(i));
			}
			batch.put(Bucket.KEY, bytes("large"), large);
			this.storage.write(batch);
			batch.clear();
		}
		assertThat(this.storage.get(Bucket.KEY, number(9_999))).isEqualTo(number(9_999));
		assertThat(this.storage.get(Bucket.KEY, bytes("large"))).isEqualTo(large);
		assertThat(entries(Bucket.KEY, "", null)).hasSize(10_001);
	}

	@Test
	void keysAreOrderedAsUnsignedBytes() {
		put(Bucket.KEY, "\u00ff", "3");
		put(Bucket.KEY, "\u007f", "1");
		put(Bucket.KEY, "\u0080", "2");
		put(Bucket.KEY, "\u007f\u0000", "1a");
		assertThat(values(Bucket.KEY, "", null)).containsExactly("1", "1a", "2", "3");
	}

	@Test
	void scanStartsInclusiveAndEndsExclusive() {
		for (String key : List.of("a", "b", "c", "d")) {
			put(Bucket.KEY, key, key);
		}
		assertThat(values(Bucket.KEY, "b", "d")).containsExactly("b", "c");
		assertThat(values(Bucket.KEY, "bb", null)).containsExactly("c", "d");
		assertThat(values(Bucket.KEY, "b", "b")).isEmpty();
		assertThat(values(Bucket.KEY, "d", "a")).isEmpty();
		assertThat(values(Bucket.KEY, "e", null)).isEmpty();
	}

	@Test
	void scanSeesTheStateOfItsOpening() {
		for (int i = 0; i < 1_000; i++) {
			put(Bucket.KEY, new String(number(i), StandardCharsets.ISO_8859_1), "old");
		}
		try (Storage.Scan scan = this.storage.scan(Bucket.KEY, bytes(""), null)) {
			for (int i = 0; i < 300; i++) {
				assertThat(scan.next()).isTrue();
			}
			change(0, 1_000);
			int seen = 300;
			while (scan.next()) {
				assertThat(scan.key()).isEqualTo(number(seen));
				assertThat(scan.value()).isEqualTo(bytes("old"));
				seen++;
			}
			assertThat(seen).isEqualTo(1_000);
		}
		assertThat(values(Bucket.KEY, "", null)).hasSize(1_000).containsOnly("new");
	}

	/** Deletes even keys, overwrites odd ones, adds as many new ones between them. */
	private void change(int first, int end) {
		try (WriteBatch batch = this.storage.newBatch()) {
			for (int i = first; i < end; i++) {
				if (i % 2 == 0) {
					batch.delete(Bucket.KEY, number(i));
					batch.put(Bucket.KEY, Arrays.copyOf(number(i), 9), bytes("new"));
				}
				else {
					batch.put(Bucket.KEY, number(i), bytes("new"));
				}
			}
			this.storage.write(batch);
		}
	}

	@Test
	void randomHistoryAgreesWithASortedMapAlsoInScansOpenedHalfWay() {
		long seed = 20_240_607L;
		SplittableRandom random = new SplittableRandom(seed);
		Map<Bucket, NavigableMap<byte[], byte[]>> model = new EnumMap<>(Bucket.class);
		for (Bucket bucket : Bucket.values()) {
			model.put(bucket, new TreeMap<>(Arrays::compareUnsigned));
		}
		List<OpenScan> scans = new ArrayList<>();
		try (WriteBatch batch = this.storage.newBatch()) {
			for (int round = 0; round < 400; round++) {
				writeRandomly(random, batch, model);
				Bucket bucket = BUCKETS.get(random.nextInt(BUCKETS.size()));
				scans.add(openRandomly(random, bucket, Objects.requireNonNull(model.get(bucket))));
				OpenScan scan = scans.get(random.nextInt(scans.size()));
				scan.readSome(1 + random.nextInt(400));
				if (scans.size() > 8) {
					scans.remove(0).finish();
				}
			}
		}
		scans.forEach(OpenScan::finish);
		for (Bucket bucket : Bucket.values()) {
			OpenScan all = new OpenScan(this.storage.scan(bucket, bytes(""), null),
					Objects.requireNonNull(model.get(bucket)));
			all.finish();
		}
	}

	@Test
	void pinnedStateIsThatOfItsBeginningInAllBucketsHoweverOftenItIsRead() {
		SplittableRandom random = new SplittableRandom(20_240_608L);
		Map<Bucket, NavigableMap<byte[], byte[]>> model = new EnumMap<>(Bucket.class);
		for (Bucket bucket : Bucket.values()) {
			model.put(bucket, new TreeMap<>(Arrays::compareUnsigned));
		}
		try (WriteBatch batch = this.storage.newBatch()) {
			for (int round = 0; round < 20; round++) {
				writeRandomly(random, batch, model);
				Map<Bucket, NavigableMap<byte[], byte[]>> then = new EnumMap<>(Bucket.class);
				model.forEach((bucket, entries) -> then.put(bucket, new TreeMap<>(entries)));
				try (Storage.Pinned pin = this.storage.pin()) {
					for (int again = 0; again < 3; again++) {
						for (Bucket bucket : Bucket.values()) {
							OpenScan scan = new OpenScan(pin.scan(bucket),
									new TreeMap<>(Objects.requireNonNull(then.get(bucket))));
							scan.readSome(random.nextInt(20));
							writeRandomly(random, batch, model);
							scan.finish();
						}
					}
				}
			}
		}
	}

	private void writeRandomly(SplittableRandom random, WriteBatch batch,
			Map<Bucket, NavigableMap<byte[], byte[]>> model) {
		batch.clear();
		for (int i = random.nextInt(60); i >= 0; i--) {
			Bucket bucket = BUCKETS.get(random.nextInt(BUCKETS.size()));
			byte[] key = randomBytes(random, 3, 6);
			if (random.nextInt(3) == 0) {
				batch.delete(bucket, key);
				Objects.requireNonNull(model.get(bucket)).remove(key);
			}
			else {
				byte[] value = randomBytes(random, 20, 256);
				batch.put(bucket, key, value);
				Objects.requireNonNull(model.get(bucket)).put(key, value);
			}
		}
		this.storage.write(batch);
	}

	private OpenScan openRandomly(SplittableRandom random, Bucket bucket, NavigableMap<byte[], byte[]> model) {
		byte[] from = randomBytes(random, 3, 6);
		byte[] end = random.nextBoolean() ? null : randomBytes(random, 3, 6);
		NavigableMap<byte[], byte[]> expected = new TreeMap<>(Arrays::compareUnsigned);
		if (end == null || Arrays.compareUnsigned(from, end) < 0) {
			expected.putAll((end != null) ? model.subMap(from, true, end, false) : model.tailMap(from, true));
		}
		return new OpenScan(this.storage.scan(bucket, from, end), expected);
	}

	private static byte[] randomBytes(SplittableRandom random, int lengthMax, int bound) {
		byte[] bytes = new byte[random.nextInt(lengthMax + 1)];
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (byte) (random.nextInt(bound) * (256 / bound));
		}
		return bytes;
	}

	final void put(Bucket bucket, String key, String value) {
		try (WriteBatch batch = this.storage.newBatch()) {
			batch.put(bucket, bytes(key), bytes(value));
			this.storage.write(batch);
		}
	}

	private List<String> entries(Bucket bucket, String from, @Nullable String end) {
		List<String> entries = new ArrayList<>();
		try (Storage.Scan scan = this.storage.scan(bucket, bytes(from), (end != null) ? bytes(end) : null)) {
			while (scan.next()) {
				entries.add(text(scan.key()) + "=" + text(scan.value()));
			}
		}
		return entries;
	}

	private List<String> values(Bucket bucket, String from, @Nullable String end) {
		return entries(bucket, from, end).stream().map((entry) -> entry.substring(entry.indexOf('=') + 1)).toList();
	}

	static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.ISO_8859_1);
	}

	private static byte[] number(int number) {
		return bytes("%08d".formatted(number));
	}

	/** A scan and what it must still deliver. */
	private static final class OpenScan {

		private final Storage.Scan scan;

		private final NavigableMap<byte[], byte[]> expected;

		OpenScan(Storage.Scan scan, NavigableMap<byte[], byte[]> expected) {
			this.scan = scan;
			this.expected = expected;
		}

		void readSome(int count) {
			for (int i = 0; i < count && !this.expected.isEmpty(); i++) {
				Map.Entry<byte[], byte[]> entry = this.expected.pollFirstEntry();
				assertThat(this.scan.next()).isTrue();
				assertThat(this.scan.key()).isEqualTo(entry.getKey());
				assertThat(this.scan.value()).isEqualTo(entry.getValue());
			}
		}

		void finish() {
			readSome(Integer.MAX_VALUE);
			assertThat(this.scan.next()).isFalse();
			assertThat(this.scan.next()).isFalse();
			this.scan.close();
		}

	}

}
