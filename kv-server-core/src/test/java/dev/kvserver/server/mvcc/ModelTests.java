package dev.kvserver.server.mvcc;

import org.junit.jupiter.api.Test;

/**
 * {@link MvccStore}, driven as in the server, against {@link ReferenceStore}. Set the
 * system property {@code model.seeds} to run more lives, and {@code model.seed} to the
 * number in a failure's message to see that one again.
 */
class ModelTests {

	private static final int SEEDS = Integer.getInteger("model.seeds", 2_000);

	private static final int STEPS = 20;

	@Test
	void agreesWithTheReference() {
		Long only = Long.getLong("model.seed");
		if (only != null) {
			run(only);
			return;
		}
		for (long seed = 1; seed <= SEEDS; seed++) {
			run(seed);
		}
	}

	private static void run(long seed) {
		try {
			new ModelRun(seed).run(STEPS);
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError("model.seed=" + seed + ": " + ex.getMessage(), ex);
		}
	}

}
