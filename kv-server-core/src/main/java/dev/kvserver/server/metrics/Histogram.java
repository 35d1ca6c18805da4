package dev.kvserver.server.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often values of each size were seen. Values are whole numbers of a small unit, such
 * as nanoseconds, and are told in a larger one, such as seconds. Any thread; observing
 * takes neither a lock nor memory.
 */
public final class Histogram {

	private static final double NANOS_PER_SECOND = 1e9;

	private static final double NANOS_PER_MILLI = 1e6;

	private final double[] bounds;

	/** The same in the small unit. */
	private final long[] rawBounds;

	private final double unit;

	/** One for each bound, and one for what is above. */
	private final LongAdder[] counts;

	private final LongAdder sum = new LongAdder();

	private Histogram(double[] bounds, double unit) {
		this.bounds = bounds;
		this.unit = unit;
		this.rawBounds = new long[bounds.length];
		this.counts = new LongAdder[bounds.length + 1];
		for (int i = 0; i < bounds.length; i++) {
			this.rawBounds[i] = Math.round(bounds[i] * unit);
		}
		Arrays.setAll(this.counts, (i) -> new LongAdder());
	}

	/** Of nanoseconds, told in seconds; each bound is twice the one before. */
	static Histogram ofSeconds(double first, int count) {
		return new Histogram(doubling(first, count), NANOS_PER_SECOND);
	}

	/** Of nanoseconds, told in seconds. */
	static Histogram ofSeconds(double[] bounds) {
		return new Histogram(bounds.clone(), NANOS_PER_SECOND);
	}

	/** Of nanoseconds, told in milliseconds; each bound is twice the one before. */
	static Histogram ofMillis(double first, int count) {
		return new Histogram(doubling(first, count), NANOS_PER_MILLI);
	}

	/** Of plain numbers; each bound is twice the one before. */
	static Histogram ofNumbers(double first, int count) {
		return new Histogram(doubling(first, count), 1);
	}

	private static double[] doubling(double first, int count) {
		double[] bounds = new double[count];
		bounds[0] = first;
		for (int i = 1; i < count; i++) {
			bounds[i] = 2 * bounds[i - 1];
		}
		return bounds;
	}

	/**
	 * Begins to measure a time. It is for people to look at: nothing that is replicated
	 * may depend on it.
	 * @return what {@link #end} needs
	 */
	public static long begin() {
		return System.nanoTime();
	}

	/**
	 * Observes the time since a beginning.
	 * @param begin the answer of {@link #begin()}
	 */
	public void end(long begin) {
		observe(System.nanoTime() - begin);
	}

	/**
	 * Observes a value.
	 * @param raw the value in the small unit; below 0 counts as 0
	 */
	public void observe(long raw) {
		observe(raw, 1);
	}

	/**
	 * Observes the same value several times.
	 * @param raw the value in the small unit; below 0 counts as 0
	 * @param times how often, 0 for not at all
	 */
	public void observe(long raw, long times) {
		if (times > 0) {
			long value = Math.max(0, raw);
			this.counts[bucket(value)].add(times);
			this.sum.add(value * times);
		}
	}

	/** Small values are the rule, so the first buckets are looked at first. */
	private int bucket(long value) {
		int bucket = 0;
		while (bucket < this.rawBounds.length && value > this.rawBounds[bucket]) {
			bucket++;
		}
		return bucket;
	}

	int buckets() {
		return this.bounds.length;
	}

	/** The inclusive upper bound of a bucket. */
	double bound(int bucket) {
		return this.bounds[bucket];
	}

	/** How many were seen in one bucket, the one above all bounds being the last. */
	long countIn(int bucket) {
		return this.counts[bucket].sum();
	}

	/**
	 * How many values were seen.
	 * @return the number since the start
	 */
	public long count() {
		long count = 0;
		for (LongAdder bucket : this.counts) {
			count += bucket.sum();
		}
		return count;
	}

	/** The sum of all values, in the large unit. */
	double sum() {
		return (double) this.sum.sum() / this.unit;
	}

}
