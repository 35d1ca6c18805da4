package dev.kvserver.conformance.history;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Choices that a seed determines.
 */
public final class Dice {

	private final SplittableRandom random;

	/**
	 * Starts over at the first choice.
	 * @param seed any number
	 */
	public Dice(long seed) {
		this.random = new SplittableRandom(seed);
	}

	/**
	 * True so many times of a hundred.
	 * @param percent from 0 to 100
	 * @return the choice
	 */
	public boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

	/**
	 * A number from 0.
	 * @param bound above the greatest
	 * @return the choice
	 */
	public int below(int bound) {
		return this.random.nextInt(bound);
	}

	/**
	 * A number of a range.
	 * @param first the smallest
	 * @param last the greatest; the result is {@code first} if that is not below it
	 * @return the choice
	 */
	public long between(long first, long last) {
		return (first >= last) ? first : this.random.nextLong(first, last + 1);
	}

	/**
	 * One of several.
	 * @param <T> their type
	 * @param values not empty
	 * @return the choice
	 */
	public <T> T pick(List<T> values) {
		return values.get(this.random.nextInt(values.size()));
	}

}
