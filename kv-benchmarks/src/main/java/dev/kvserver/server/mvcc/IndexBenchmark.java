package dev.kvserver.server.mvcc;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The index alone, with a million keys that came in a scattered order. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class IndexBenchmark {

	private static final int BATCH = 100;

	private final SplittableRandom random = new SplittableRandom(1);

	private final byte[][] keys = new byte[BenchmarkKeys.COUNT][];

	private TreeIndex tree = TreeIndex.empty();

	private TreeIndex.Editor editor = this.tree.edit();

	private long revision = BenchmarkKeys.COUNT + 1;

	/** Fills the tree. */
	@Setup
	public void fill() {
		for (int i = 0; i < this.keys.length; i++) {
			this.keys[i] = BenchmarkKeys.key(i);
		}
		for (int i = 0; i < this.keys.length; i++) {
			int revision = i + 2;
			byte[] key = this.keys[BenchmarkKeys.scattered(i)];
			this.editor.put(KeyIndex.first(key, revision, 0, revision, 1, 0));
			if (i % BATCH == 0) {
				this.tree = this.editor.snapshot();
			}
		}
		this.tree = this.editor.snapshot();
	}

	private byte[] randomKey() {
		// A request brings its own array.
		return this.keys[this.random.nextInt(this.keys.length)].clone();
	}

	/**
	 * Finds a key.
	 * @return its state
	 */
	@Benchmark
	public @Nullable KeyIndex get() {
		return this.tree.get(randomKey());
	}

	/**
	 * Replaces the states of keys, with a new tree after each hundred.
	 * @return the new tree
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public Object put() {
		for (int i = 0; i < BATCH; i++) {
			KeyIndex before = this.editor.get(randomKey());
			if (before != null) {
				this.editor.put(KeyIndex.first(before.key(), ++this.revision, 0, before.createRevision(), 2, 0));
			}
		}
		return this.editor.snapshot();
	}

	/**
	 * Adds and removes keys, with a new tree after each hundred.
	 * @return the new tree
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public Object insertAndRemove() {
		byte[][] added = new byte[BATCH][];
		for (int i = 0; i < BATCH; i++) {
			byte[] key = randomKey();
			key[key.length - 1]++;
			added[i] = key;
			this.editor.put(KeyIndex.first(key, ++this.revision, 0, this.revision, 1, 0));
		}
		this.editor.snapshot();
		for (byte[] key : added) {
			this.editor.remove(key);
		}
		return this.editor.snapshot();
	}

	/**
	 * Counts a range that begins and ends anywhere.
	 * @return the number of keys
	 */
	@Benchmark
	public int count() {
		return this.tree.count(randomKey(), randomKey());
	}

	/**
	 * Walks a thousand keys.
	 * @return something made of them
	 */
	@Benchmark
	public long range1000() {
		TreeIndex.Cursor cursor = this.tree.liveCursor(randomKey());
		long sum = 0;
		for (int i = 0; i < 1_000; i++) {
			KeyIndex key = cursor.next();
			sum += (key != null) ? key.modRevision() : 0;
		}
		return sum;
	}

}
