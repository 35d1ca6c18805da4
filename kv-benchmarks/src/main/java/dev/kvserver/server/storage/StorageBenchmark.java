package dev.kvserver.server.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

import dev.kvserver.benchmarks.Directories;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import static java.util.Objects.requireNonNull;

/**
 * Revision keys with values of 340 bytes, a million of them to begin with: batches of a
 * hundred, single reads, scans.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class StorageBenchmark {

	private static final int BATCH = 100;

	private static final int COUNT = 1_000_000;

	private static final int SCANNED = 1_000;

	private static final byte[] APPLIED = { 'a' };

	/** Where the bytes are kept. */
	@Param({ "memory", "rocks" })
	public String storage = "memory";

	private final byte[] value = new byte[340];

	private final SplittableRandom random = new SplittableRandom(1);

	private long last;

	private @Nullable Path directory;

	private @Nullable Storage opened;

	private @Nullable WriteBatch batch;

	/**
	 * Fills the store.
	 */
	@Setup
	public void fill() {
		this.random.nextBytes(this.value);
		this.directory = Directories.create("storage-benchmark");
		Storage made = this.storage.equals("memory") ? new MemoryStorage()
				: RocksStorage.open(this.directory, RocksOptions.DEFAULTS);
		this.opened = made;
		this.batch = made.newBatch();
		while (this.last < COUNT) {
			puts();
		}
		made.flush();
	}

	/**
	 * Removes it.
	 */
	@TearDown
	public void remove() {
		requireNonNull(this.opened).close();
		Directories.delete(requireNonNull(this.directory));
	}

	private static byte[] key(long revision) {
		return ByteBuffer.allocate(17).putLong(revision).put((byte) '_').array();
	}

	/** Writes a hundred new keys and the applied index as one batch; per key. */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public void puts() {
		WriteBatch filled = requireNonNull(this.batch);
		filled.clear();
		for (int i = 0; i < BATCH; i++) {
			filled.put(Bucket.KEY, key(++this.last), this.value);
		}
		filled.put(Bucket.META, APPLIED, ByteBuffer.allocate(8).putLong(this.last).array());
		requireNonNull(this.opened).write(filled);
	}

	/**
	 * Reads one of the first million keys.
	 * @return its value
	 */
	@Benchmark
	public byte @Nullable [] get() {
		return requireNonNull(this.opened).get(Bucket.KEY, key(1 + this.random.nextInt(COUNT)));
	}

	/**
	 * Reads a thousand keys and values in order; per entry.
	 * @return something of all of them
	 */
	@Benchmark
	@OperationsPerInvocation(SCANNED)
	public long scan() {
		long from = this.random.nextInt(COUNT - SCANNED);
		long sum = 0;
		try (Storage.Scan scan = requireNonNull(this.opened).scan(Bucket.KEY, key(from), key(from + SCANNED))) {
			while (scan.next()) {
				sum += scan.key().length + scan.value().length;
			}
		}
		return sum;
	}

}
