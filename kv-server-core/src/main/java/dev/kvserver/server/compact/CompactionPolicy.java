package dev.kvserver.server.compact;

import java.time.Duration;

/**
 * How much history is kept (etcd-contract section 6.9).
 */
public sealed interface CompactionPolicy {

	/**
	 * Keeps the history of a period.
	 *
	 * @param retention the period, from a second to 100 years of 365 days
	 */
	record Periodic(Duration retention) implements CompactionPolicy {

		private static final Duration MIN = Duration.ofSeconds(1);

		private static final Duration MAX = Duration.ofDays(36_500);

		/**
		 * Checks the period.
		 */
		public Periodic {
			if (retention.compareTo(MIN) < 0 || retention.compareTo(MAX) > 0) {
				throw new IllegalArgumentException("retention: " + retention + " (expected: a second to 100 years)");
			}
		}

	}

	/**
	 * Keeps a number of revisions.
	 *
	 * @param retention how many, above 0
	 */
	record Revisions(long retention) implements CompactionPolicy {

		/**
		 * Checks the number.
		 */
		public Revisions {
			if (retention <= 0) {
				throw new IllegalArgumentException("retention: " + retention + " (expected: above 0)");
			}
		}

	}

	/** Keeps everything until somebody compacts. */
	record None() implements CompactionPolicy {
	}

}
