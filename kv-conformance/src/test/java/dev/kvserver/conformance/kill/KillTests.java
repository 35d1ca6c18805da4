package dev.kvserver.conformance.kill;

import java.time.Duration;

import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.OursProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that are killed under load keep what they have acknowledged. The plain build
 * does some rounds with ours; {@code -Dkv.kill.rounds} sets how many, {@code -Dkv.seed}
 * repeats the choices of a run (but not its timing).
 */
class KillTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(KillTests.class);

	private static final int ROUNDS = Integer.getInteger("kv.kill.rounds", 5);

	@Test
	void oursKeepsWhatItHasAcknowledged() {
		try (OursProcess ours = new OursProcess(true, Duration.ofMinutes(10), "simple")) {
			kill(ours, ROUNDS);
		}
	}

	/** Shows that the test asks for nothing impossible. */
	@Test
	@Tag("real-etcd")
	void etcdKeepsWhatItHasAcknowledged() {
		try (EtcdProcess etcd = new EtcdProcess(EtcdBinary.reference())) {
			kill(etcd, 3);
		}
	}

	private static void kill(ServerUnderTest server, int rounds) {
		long seed = Long.getLong("kv.seed", System.nanoTime());
		LOGGER.info("Seed {} (-Dkv.seed={})", seed, seed);
		try {
			long acknowledged = new KillRounds(server, seed).run(rounds);
			LOGGER.info("{}: {} kills, {} acknowledged writes", server.name(), rounds, acknowledged);
			assertThat(acknowledged).isGreaterThan(rounds);
		}
		catch (AssertionError ex) {
			throw new AssertionError("With seed " + seed + ": " + ex.getMessage() + "\nend of the server's output:\n"
					+ String.join("\n", server.output()), ex);
		}
	}

}
