package dev.kvserver.conformance.coordination;

import java.util.Map;

import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random histories of elections and locks by many clients, on a real etcd and on the
 * candidate. Set {@code -Dkv.seed} to repeat a run, and {@code -Dkv.acts} for longer
 * ones.
 */
@Tag("real-etcd")
class CoordinationDifferentialTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(CoordinationDifferentialTests.class);

	private static final int ACTS = Integer.getInteger("kv.acts", 3_000);

	private final long seed = Long.getLong("kv.seed", System.nanoTime());

	@ParameterizedTest(name = "durable: {0}")
	@ValueSource(booleans = { true, false })
	void manyClientsAreAnsweredAsByEtcd(boolean durable) {
		LOGGER.info("Seed {} (-Dkv.seed={})", this.seed, this.seed);
		try (EtcdProcess reference = EtcdProcess.startFast(EtcdBinary.reference());
				ServerUnderTest candidate = Candidates.start(durable)) {
			Map<String, Integer> counts = run(reference, candidate);
			LOGGER.info("{} and {} are equal: {}", reference.name(), candidate.name(), counts);
			assertThat(counts).isNotEmpty();
		}
	}

	private Map<String, Integer> run(ServerUnderTest reference, ServerUnderTest candidate) {
		try (CoordinationSide left = new CoordinationSide(reference.port());
				CoordinationSide right = new CoordinationSide(candidate.port())) {
			return new CoordinationRun(left, right, this.seed).run(ACTS);
		}
		catch (AssertionError ex) {
			throw new AssertionError("With seed " + this.seed + ": " + ex.getMessage()
					+ "\nend of the candidate's output:\n" + String.join("\n", candidate.output()), ex);
		}
	}

}
