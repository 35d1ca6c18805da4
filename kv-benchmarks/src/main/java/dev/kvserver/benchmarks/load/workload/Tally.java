package dev.kvserver.benchmarks.load.workload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run adds up. Belongs to the thread of the loop while a phase runs.
 */
final class Tally {

	private static final int NOTES_MAX = 5;

	private static final int ERROR_KINDS_MAX = 20;

	private final Series total = new Series("total");

	private final List<Series> series = new ArrayList<>();

	private final Map<String, Double> extras = new LinkedHashMap<>();

	private final Map<String, Long> errors = new LinkedHashMap<>();

	private final List<String> notes = new ArrayList<>();

	private long wrongAnswers;

	private long writes;

	private long unknownWrites;

	private long revisionSum;

	private long unsent;

	private long unfinished;

	/** All operations. */
	Series total() {
		return this.total;
	}

	/** Adds a series; to be done before the first phase. */
	Series addSeries(String name) {
		Series added = new Series(name);
		this.series.add(added);
		return added;
	}

	void extra(String name, double value) {
		this.extras.put(name, value);
	}

	/** An operation ended in an error. */
	void error(int status, String text) {
		String how = "status " + status + ": " + text;
		if (this.errors.size() >= ERROR_KINDS_MAX && !this.errors.containsKey(how)) {
			how = "other errors";
		}
		this.errors.merge(how, 1L, Long::sum);
	}

	boolean hasErrors() {
		return !this.errors.isEmpty();
	}

	/** The server answered wrongly: the run has failed. */
	void wrong(String note) {
		this.wrongAnswers++;
		if (this.notes.size() < NOTES_MAX) {
			this.notes.add(note);
		}
	}

	/** A write was acknowledged at this revision. */
	void wrote(long revision) {
		this.writes++;
		this.revisionSum += Mixing.mix(revision);
	}

	/** A write ended in an error, or not at all: it may have been done or not. */
	void unknownWrites(long count) {
		this.unknownWrites += count;
	}

	boolean allWritesKnown() {
		return this.unknownWrites == 0;
	}

	void unsent() {
		this.unsent++;
	}

	void unfinished(long count) {
		this.unfinished += count;
	}

	/**
	 * Holds the revisions before and after against the acknowledged writes, each of which
	 * is one revision: there must be as many as writes, and the acknowledged ones must be
	 * each of them once. The sets are compared by sums of mixed numbers.
	 */
	void checkRevisions(long before, long after) {
		long rise = after - before;
		if (rise < this.writes || rise > this.writes + this.unknownWrites) {
			wrong("the revision rose by " + rise + ", but " + this.writes + " writes were acknowledged");
			return;
		}
		long sum = 0;
		for (long revision = before + 1; revision <= after; revision++) {
			sum += Mixing.mix(revision);
		}
		if (this.unknownWrites == 0 && sum != this.revisionSum) {
			wrong("the acknowledged revisions are not each revision once");
		}
	}

	LoadResult result(String workload, double seconds, Usage before, Usage after) {
		return new LoadResult(workload, seconds, this.total.result(seconds),
				this.series.stream().map((one) -> one.result(seconds)).toList(), new LinkedHashMap<>(this.extras),
				Map.copyOf(this.errors), this.wrongAnswers, List.copyOf(this.notes), this.unsent, this.unfinished,
				after.clientCpuSeconds() - before.clientCpuSeconds(),
				after.server().cpuSeconds() - before.server().cpuSeconds(), after.server().rssBytes(),
				after.server().peakRssBytes());
	}

}
