package dev.kvserver.conformance.differential;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.grpc.Status;

/**
 * The newest part of a run, for the message about a difference, and what the run
 * consisted of.
 */
final class Transcript {

	private static final int LINES_MAX = 40;

	private final Deque<String> lines = new ArrayDeque<>();

	private final Map<String, Integer> counts = new TreeMap<>();

	private int steps;

	void step(String what) {
		this.steps++;
		add("#" + this.steps + " " + what);
	}

	void add(String line) {
		if (this.lines.size() == LINES_MAX) {
			this.lines.removeFirst();
		}
		this.lines.addLast(line);
	}

	void count(String method, Status.Code code) {
		this.counts.merge(method + " " + code, 1, Integer::sum);
	}

	/** Methods and status codes with their numbers. */
	Map<String, Integer> counts() {
		return this.counts;
	}

	AssertionError difference(String what, List<String> differences, String left, String right) {
		return new AssertionError("Step " + this.steps + ": " + what + "\n  " + String.join("\n  ", differences)
				+ "\nreference: " + left + "\ncandidate: " + right + "\nbefore, with the reference's answers:\n  "
				+ String.join("\n  ", this.lines));
	}

}
