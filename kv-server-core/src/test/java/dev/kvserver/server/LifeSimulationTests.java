package dev.kvserver.server;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All loops of a server on one thread, in any order, with crashes in between
 * (architecture section 8). {@code -Dkv.seed=N} runs one life, {@code -Dkv.seeds=N} that
 * many.
 */
class LifeSimulationTests {

	@Test
	void everyClientSeesOneHistoryThroughAllCrashes() {
		Long only = Long.getLong("kv.seed");
		int seeds = (only != null) ? 1 : Integer.getInteger("kv.seeds", 1_500);
		int crashes = 0;
		for (int i = 0; i < seeds; i++) {
			long seed = (only != null) ? only : i;
			try {
				crashes += new SimulatedLife(seed).run();
			}
			catch (Throwable ex) {
				throw new AssertionError("With -Dkv.seed=" + seed + ": " + ex.getMessage(), ex);
			}
		}
		if (only == null) {
			assertThat(crashes).isGreaterThan(seeds);
		}
	}

}
