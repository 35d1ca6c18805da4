package dev.kvserver.server.metrics;

import java.util.List;
import java.util.function.Supplier;

/**
 * A histogram for each of some names and for success and failure, all made at once, so
 * that finding one is reading an array. Those without a value are not told.
 */
public final class OutcomeHistograms {

	private final List<String> names;

	private final Histogram[] succeeded;

	private final Histogram[] failed;

	OutcomeHistograms(List<String> names, Supplier<Histogram> maker) {
		this.names = List.copyOf(names);
		this.succeeded = new Histogram[names.size()];
		this.failed = new Histogram[names.size()];
		for (int i = 0; i < this.succeeded.length; i++) {
			this.succeeded[i] = maker.get();
			this.failed[i] = maker.get();
		}
	}

	/**
	 * The histogram of a name and an outcome.
	 * @param name the name's number
	 * @param success whether it went well
	 * @return the histogram
	 */
	public Histogram of(int name, boolean success) {
		return success ? this.succeeded[name] : this.failed[name];
	}

	/** Gives each histogram that has a value, with name and outcome. */
	void forEach(Each each) {
		for (int i = 0; i < this.succeeded.length; i++) {
			give(each, i, this.failed[i], "false");
			give(each, i, this.succeeded[i], "true");
		}
	}

	private void give(Each each, int name, Histogram histogram, String success) {
		if (histogram.count() > 0) {
			each.take(this.names.get(name), success, histogram);
		}
	}

	/** Takes one histogram. */
	@FunctionalInterface
	interface Each {

		void take(String name, String success, Histogram histogram);

	}

}
