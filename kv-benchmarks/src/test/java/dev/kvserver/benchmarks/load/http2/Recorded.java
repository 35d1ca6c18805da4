package dev.kvserver.benchmarks.load.http2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Remembers what a call brings. */
final class Recorded implements CallListener {

	final List<String> seen = new ArrayList<>();

	@Override
	public void message(byte[] bytes, int from, int to) {
		this.seen.add(Arrays.toString(Arrays.copyOfRange(bytes, from, to)));
	}

	@Override
	public void closed(int status, String text) {
		this.seen.add("closed " + status + " " + text);
	}

}
