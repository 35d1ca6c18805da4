package dev.kvserver.conformance.differential;

import java.util.Map;

import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The comparison on itself: two real etcds must not differ, or the comparison asks for
 * what depends on time.
 */
@Tag("real-etcd")
class EtcdAgainstEtcdTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(EtcdAgainstEtcdTests.class);

	private static final int STEPS = Integer.getInteger("kv.steps", 3000);

	@Test
	void twoEtcdsAnswerTheSame() {
		long seed = Long.getLong("kv.seed", System.nanoTime());
		LOGGER.info("Seed {} (-Dkv.seed={})", seed, seed);
		EtcdBinary binary = EtcdBinary.reference();
		try (EtcdProcess left = EtcdProcess.startFast(binary);
				EtcdProcess right = EtcdProcess.startFast(binary);
				Connection leftConnection = new Connection(left.port());
				Connection rightConnection = new Connection(right.port())) {
			Map<String, Integer> counts = new DifferentialRun(leftConnection, rightConnection, seed).run(STEPS);
			LOGGER.info("Equal: {}", counts);
			assertThat(counts).isNotEmpty();
		}
	}

}
