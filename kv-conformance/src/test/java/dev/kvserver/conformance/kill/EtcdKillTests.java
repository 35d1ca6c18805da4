package dev.kvserver.conformance.kill;

import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The kill test on a real etcd, which has to pass it.
 */
@Tag("real-etcd")
class EtcdKillTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(EtcdKillTests.class);

	@Test
	void etcdKeepsWhatItHasAcknowledged() {
		long seed = Long.getLong("kv.seed", System.nanoTime());
		int rounds = Integer.getInteger("kv.kill.rounds", 5);
		LOGGER.info("Seed {} (-Dkv.seed={})", seed, seed);
		try (EtcdProcess etcd = new EtcdProcess(EtcdBinary.reference())) {
			long acknowledged = new KillRounds(etcd, seed).run(rounds);
			LOGGER.info("{} kills, {} acknowledged writes", rounds, acknowledged);
			assertThat(acknowledged).isGreaterThan(rounds);
		}
	}

}
