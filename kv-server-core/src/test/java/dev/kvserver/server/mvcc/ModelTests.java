package dev.kvserver.server.mvcc;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * {@link MvccStore}, driven as in the server, against {@link ReferenceStore}. Set the
 * system property {@code model.seeds} to run more lives, and {@code model.seed} to the
 * number in a failure's message to see that one again.
 */
class ModelTests {

	private static final int SEEDS = Integer.getInteger("model.seeds", 2_000);

	private static final int STEPS = 20;

	private static final List<Logger> NOISY = List.of(logger(IndexLoader.class), logger(Checkpoints.class));

	private static Logger logger(Class<?> type) {
		return (Logger) LoggerFactory.getLogger(type);
	}

	/** Checkpoints that cannot be used are what this is about. */
	@BeforeAll
	static void beQuiet() {
		NOISY.forEach((logger) -> logger.setLevel(Level.ERROR));
	}

	@AfterAll
	static void speakAgain() {
		NOISY.forEach((logger) -> logger.setLevel(null));
	}

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
