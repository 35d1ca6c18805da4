package dev.kvserver.benchmarks.load.workload;

import java.time.Duration;

/**
 * How a workload is run. What a workload has no use for is left alone by it.
 *
 * @param connections connections that operations run on
 * @param streams operations under way on each of them
 * @param warmup how long the load runs before it is measured
 * @param duration how long it is measured
 * @param count the end after so many operations, without a warm-up; 0 for none
 * @param rate operations per second, at fixed times; 0 to begin one when another is done
 * @param drain how long replies and events may still come at the end
 * @param keys size of the key set
 * @param keyBytes bytes of a key
 * @param valueBytes bytes of a value
 * @param limit keys in the reply to a range
 * @param batch puts in a txn of the preload
 * @param watchers watchers
 * @param watchStreams streams they share
 * @param leases leases
 * @param ttlSeconds their life
 * @param compactEvery how often the mix compacts; zero for never
 * @param seed of everything random
 */
public record LoadOptions(int connections, int streams, Duration warmup, Duration duration, long count, int rate,
		Duration drain, int keys, int keyBytes, int valueBytes, int limit, int batch, int watchers, int watchStreams,
		int leases, int ttlSeconds, Duration compactEvery, long seed) {

	/** What every key begins with. */
	public static final String PREFIX = "load/";

	/**
	 * Checks every value.
	 * @throws IllegalArgumentException naming the option
	 */
	public LoadOptions {
		atLeast(1, connections, "connections");
		atLeast(1, streams, "streams");
		atLeast(0, count, "count");
		atLeast(0, rate, "rate");
		atLeast(2, keys, "keys");
		atLeast(8, valueBytes, "value-bytes");
		atLeast(1, limit, "limit");
		atLeast(1, batch, "batch");
		atLeast(1, watchers, "watchers");
		atLeast(1, watchStreams, "watch-streams");
		atLeast(1, leases, "leases");
		atLeast(1, ttlSeconds, "ttl");
	}

	private static void atLeast(long least, long value, String option) {
		if (value < least) {
			throw new IllegalArgumentException(option + " must be at least " + least + ", not " + value);
		}
	}

	/**
	 * Options to be changed.
	 * @return a new builder with the defaults
	 */
	public static Builder builder() {
		return new Builder();
	}

	/** Collects options. Not thread-safe. Each method sets the option of its name. */
	public static final class Builder {

		private int connections = 8;

		private int streams = 32;

		private Duration warmup = Duration.ofSeconds(5);

		private Duration duration = Duration.ofSeconds(10);

		private long count;

		private int rate;

		private Duration drain = Duration.ofSeconds(60);

		private int keys = 10_000;

		private int keyBytes = 64;

		private int valueBytes = 256;

		private int limit = 1_000;

		private int batch = 128;

		private int watchers = 1_000;

		private int watchStreams = 10;

		private int leases = 20_000;

		private int ttlSeconds = 10;

		private Duration compactEvery = Duration.ofSeconds(10);

		private long seed = 1;

		private Builder() {
		}

		/**
		 * Sets the load.
		 * @param newConnections connections
		 * @param newStreams operations on each
		 * @return this builder
		 */
		public Builder outstanding(int newConnections, int newStreams) {
			this.connections = newConnections;
			this.streams = newStreams;
			return this;
		}

		/**
		 * Sets how long the load runs.
		 * @param newWarmup before it is measured
		 * @param newDuration while it is measured
		 * @return this builder
		 */
		public Builder time(Duration newWarmup, Duration newDuration) {
			this.warmup = newWarmup;
			this.duration = newDuration;
			return this;
		}

		/**
		 * Sets the number of operations.
		 * @param value the number, 0 for as many as there is time for
		 * @return this builder
		 */
		public Builder count(long value) {
			this.count = value;
			return this;
		}

		/**
		 * Sets the rate.
		 * @param value operations per second, 0 for as many as possible
		 * @return this builder
		 */
		public Builder rate(int value) {
			this.rate = value;
			return this;
		}

		/**
		 * Sets how long what is due may be late at the end.
		 * @param value the time
		 * @return this builder
		 */
		public Builder drain(Duration value) {
			this.drain = value;
			return this;
		}

		/**
		 * Sets the number of keys.
		 * @param value the number
		 * @return this builder
		 */
		public Builder keys(int value) {
			this.keys = value;
			return this;
		}

		/**
		 * Sets the sizes.
		 * @param newKeyBytes of a key
		 * @param newValueBytes of a value
		 * @return this builder
		 */
		public Builder sizes(int newKeyBytes, int newValueBytes) {
			this.keyBytes = newKeyBytes;
			this.valueBytes = newValueBytes;
			return this;
		}

		/**
		 * Sets the limit of a range.
		 * @param value keys
		 * @return this builder
		 */
		public Builder limit(int value) {
			this.limit = value;
			return this;
		}

		/**
		 * Sets who watches.
		 * @param newWatchers watchers
		 * @param newStreams streams they share
		 * @return this builder
		 */
		public Builder watchers(int newWatchers, int newStreams) {
			this.watchers = newWatchers;
			this.watchStreams = newStreams;
			return this;
		}

		/**
		 * Sets the leases.
		 * @param newLeases how many
		 * @param newTtlSeconds their life
		 * @return this builder
		 */
		public Builder leases(int newLeases, int newTtlSeconds) {
			this.leases = newLeases;
			this.ttlSeconds = newTtlSeconds;
			return this;
		}

		/**
		 * Sets how often the mix compacts.
		 * @param value the interval, zero for never
		 * @return this builder
		 */
		public Builder compactEvery(Duration value) {
			this.compactEvery = value;
			return this;
		}

		/**
		 * Sets the seed.
		 * @param value the seed
		 * @return this builder
		 */
		public Builder seed(long value) {
			this.seed = value;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if a value is out of range, naming the option
		 */
		public LoadOptions build() {
			return new LoadOptions(this.connections, this.streams, this.warmup, this.duration, this.count, this.rate,
					this.drain, this.keys, this.keyBytes, this.valueBytes, this.limit, this.batch, this.watchers,
					this.watchStreams, this.leases, this.ttlSeconds, this.compactEvery, this.seed);
		}

	}

}
