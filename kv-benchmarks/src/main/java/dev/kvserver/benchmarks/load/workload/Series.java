package dev.kvserver.benchmarks.load.workload;

import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;

/**
 * Times of one kind: of the operations, of one kind of them, or of events.
 */
final class Series {

	private static final int DIGITS = 3;

	private final String name;

	private final Histogram histogram = new Histogram(TimeUnit.HOURS.toNanos(1), DIGITS);

	private long completed;

	Series(String name) {
		this.name = name;
	}

	String name() {
		return this.name;
	}

	/** One more was completed within the measured time. */
	void completed() {
		this.completed++;
	}

	void time(long nanos) {
		this.histogram.recordValue(Math.min(Math.max(nanos, 0), this.histogram.getHighestTrackableValue()));
	}

	SeriesResult result(double seconds) {
		return new SeriesResult(this.name, this.completed, (seconds > 0) ? this.completed / seconds : 0, micros(50),
				micros(90), micros(99), micros(99.9), this.histogram.getMaxValue() / 1e3,
				this.histogram.getMean() / 1e3);
	}

	private double micros(double percentile) {
		return this.histogram.getValueAtPercentile(percentile) / 1e3;
	}

}
