package dev.kvserver.conformance.differential;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.history.History.Feature;
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
 * Random histories on a real etcd and on the candidate. Set {@code -Dkv.seed} to repeat a
 * run, {@code -Dkv.steps} for longer ones, and {@code -Dkv.candidate=etcd} to see what
 * two real etcds make of it.
 */
@Tag("real-etcd")
class DifferentialTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(DifferentialTests.class);

	private static final int STEPS = Integer.getInteger("kv.steps", 10_000);

	private final long seed = Long.getLong("kv.seed", System.nanoTime());

	@ParameterizedTest(name = "durable: {0}")
	@ValueSource(booleans = { true, false })
	void candidateAnswersAsEtcdDoes(boolean durable) {
		LOGGER.info("Seed {} (-Dkv.seed={})", this.seed, this.seed);
		try (EtcdProcess reference = EtcdProcess.startFast(EtcdBinary.reference());
				ServerUnderTest candidate = Candidates.start(durable)) {
			Map<String, Integer> counts = run(reference, candidate);
			LOGGER.info("{} and {} are equal: {}", reference.name(), candidate.name(), counts);
			assertThat(counts).isNotEmpty();
		}
	}

	private Map<String, Integer> run(ServerUnderTest reference, ServerUnderTest candidate) {
		try (Connection left = new Connection(reference.port()); Connection right = new Connection(candidate.port())) {
			return new DifferentialRun(left, right, this.seed, features()).run(STEPS);
		}
		catch (AssertionError ex) {
			AssertionError withSeed = new AssertionError("With seed " + this.seed + ": " + ex.getMessage()
					+ "\nend of the candidate's output:\n" + String.join("\n", candidate.output()));
			withSeed.setStackTrace(ex.getStackTrace());
			throw withSeed;
		}
	}

	private static Set<Feature> features() {
		String without = System.getProperty("kv.without", "");
		Set<Feature> features = EnumSet.allOf(Feature.class);
		features.removeIf((feature) -> without.contains(feature.name()));
		return features;
	}

}
