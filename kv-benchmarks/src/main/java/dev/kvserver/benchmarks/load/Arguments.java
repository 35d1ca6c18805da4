package dev.kvserver.benchmarks.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A command line of {@code --name value} and words. Each name is asked for once; what
 * nobody asks for is an error.
 * <p>
 * Not thread-safe.
 */
final class Arguments {

	private static final String PREFIX = "--";

	private final List<String> words = new ArrayList<>();

	private final Map<String, String> values = new HashMap<>();

	private final Set<String> asked = new TreeSet<>();

	/**
	 * Takes a command line apart.
	 * @param args the arguments
	 * @throws IllegalArgumentException if a value is missing
	 */
	Arguments(List<String> args) {
		for (int i = 0; i < args.size(); i++) {
			String arg = args.get(i);
			if (!arg.startsWith(PREFIX)) {
				this.words.add(arg);
			}
			else {
				i++;
				if (i == args.size()) {
					throw new IllegalArgumentException(arg + " needs a value");
				}
				this.values.put(arg.substring(PREFIX.length()), args.get(i));
			}
		}
	}

	/** The words in their order. */
	List<String> words() {
		return this.words;
	}

	/** A text, or what it is by default. */
	String text(String name, String byDefault) {
		this.asked.add(name);
		return this.values.getOrDefault(name, byDefault);
	}

	/** A whole number of 0 or more, or what it is by default. */
	int number(String name, int byDefault) {
		String text = text(name, Integer.toString(byDefault));
		try {
			return Integer.parseUnsignedInt(text.replace("_", ""));
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException(PREFIX + name + " must be a number, not " + text, ex);
		}
	}

	/** Seconds, or what they are by default. */
	Duration seconds(String name, double byDefault) {
		String text = text(name, Double.toString(byDefault));
		try {
			return Duration.ofNanos((long) (Double.parseDouble(text) * 1e9));
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException(PREFIX + name + " must be seconds, not " + text, ex);
		}
	}

	/**
	 * Makes sure that nothing was given that nobody asked for.
	 * @throws IllegalArgumentException naming it, and what there is
	 */
	void requireNoOthers() {
		for (String name : this.values.keySet()) {
			if (!this.asked.contains(name)) {
				throw new IllegalArgumentException("There is no " + PREFIX + name + ", only " + this.asked);
			}
		}
	}

}
