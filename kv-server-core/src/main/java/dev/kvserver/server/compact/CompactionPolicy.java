package dev.kvserver.server.compact;

import java.time.Duration;

/**
 * How much history is kept (etcd-contract section 6.9).
 */
public sealed interface CompactionPolicy {

	/**
	 * Keeps the history of a period.
	 *
	 * @param retention the period, above 0
	 */
	record Periodic(Duration retention) implements CompactionPolicy {

		/**
		 * Checks the period.
		 */
		public Periodic {
			if (retention.isNegative() || retention.isZero()) {
				throw new IllegalArgumentException("retention: " + retention + " (expected: above 0)");
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
