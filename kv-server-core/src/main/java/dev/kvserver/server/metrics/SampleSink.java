package dev.kvserver.server.metrics;

import java.util.ArrayList;
import java.util.List;

/** Collects the samples of one family. One thread. */
public final class SampleSink {

	private final List<Sample> samples = new ArrayList<>();

	SampleSink() {
	}

	/**
	 * Adds a whole number.
	 * @param value the number
	 * @param labels names and values in turn, by name
	 */
	public void add(long value, String... labels) {
		add((double) value, labels);
	}

	/**
	 * Adds a number.
	 * @param value the number
	 * @param labels names and values in turn, by name
	 */
	public void add(double value, String... labels) {
		this.samples.add(new Sample("", List.of(labels), value));
	}

	/**
	 * Adds a histogram.
	 * @param histogram the histogram
	 * @param labels names and values in turn, by name
	 */
	public void add(Histogram histogram, String... labels) {
		long count = 0;
		for (int i = 0; i < histogram.buckets(); i++) {
			count += histogram.countIn(i);
			this.samples.add(new Sample("_bucket", with(labels, GoNumbers.format(histogram.bound(i))), (double) count));
		}
		count += histogram.countIn(histogram.buckets());
		this.samples.add(new Sample("_bucket", with(labels, "+Inf"), (double) count));
		addSum(histogram.sum(), count, labels);
	}

	/**
	 * Adds a sum with its count.
	 * @param sum the sum
	 * @param count of how many
	 * @param labels names and values in turn, by name
	 */
	public void addSum(double sum, long count, String... labels) {
		this.samples.add(new Sample("_sum", List.of(labels), sum));
		this.samples.add(new Sample("_count", List.of(labels), (double) count));
	}

	private static List<String> with(String[] labels, String bound) {
		List<String> all = new ArrayList<>(List.of(labels));
		all.add("le");
		all.add(bound);
		return List.copyOf(all);
	}

	List<Sample> samples() {
		return List.copyOf(this.samples);
	}

}
