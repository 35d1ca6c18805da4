package dev.kvserver.benchmarks.load.workload;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Every workload against a real server, as small as it gets. */
class WorkloadTests {

	private final KvServer server = start();

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "PUT", "GET", "RANGE", "COUNT", "TXN", "MIX" })
	void operationsAreCountedAndTheirAnswersAreRight(Workload workload) {
		if (workload.needsKeys()) {
			assertThat(problems(run(Workload.PRELOAD, options()))).isEmpty();
		}
		LoadResult result = run(workload, options().count(300));
		assertThat(problems(result)).isEmpty();
		assertThat(result.isSound()).isTrue();
		assertThat(result.total().completed()).isEqualTo(300);
		assertThat(result.total().p50()).isPositive();
	}

	/**
	 * But for the driver's CPU: here the server runs in its process, and counts as well.
	 */
	private static List<String> problems(LoadResult result) {
		return result.problems().stream().filter((problem) -> !problem.startsWith("the driver used")).toList();
	}

	@Test
	void getsOfOtherValuesThanWereWrittenAreWrong() {
		assertThat(problems(run(Workload.PRELOAD, options()))).isEmpty();
		assertThat(run(Workload.GET, options().count(50).seed(2)).wrongAnswers()).isEqualTo(50);
	}

	@Test
	void watchersSeeEveryPut() {
		LoadResult result = run(Workload.WATCH, options().count(100).watchers(7, 3));
		assertThat(problems(result)).isEmpty();
		assertThat(result.series()).extracting(SeriesResult::name).containsExactly("event-from-send", "event-from-ack");
		assertThat(result.series()).extracting(SeriesResult::completed).containsExactly(700L, 700L);
	}

	@Test
	void leasesExpireWhilePutsGoOn() {
		LoadResult result = run(Workload.LEASE_EXPIRE, options().leases(50, 3).rate(100));
		assertThat(problems(result)).isEmpty();
		assertThat(result.extras()).hasSize(3).allSatisfy((name, seconds) -> assertThat(seconds).isBetween(0.0, 60.0));
		assertThat(result.total().completed()).isPositive();
	}

	@Test
	void mixCompactsAndItsWatchersSeeEveryChange() {
		LoadResult result = run(Workload.MIX, options().count(2_000).compactEvery(Duration.ofMillis(1)));
		assertThat(problems(result)).isEmpty();
		assertThat(result.extras().get("compactions")).isPositive();
		assertThat(result.series().stream().mapToLong(SeriesResult::completed).sum()).isEqualTo(2_000);
	}

	@Test
	void operationsAtARateAreDueAtTheirTimes() {
		LoadResult result = run(Workload.PUT, options().rate(200).time(Duration.ofMillis(100), Duration.ofMillis(500)));
		assertThat(result.errors()).isEmpty();
		assertThat(result.wrongAnswers()).isZero();
		// Those that are late on a busy machine are completed behind the measured time.
		assertThat(result.total().completed()).isBetween(1L, 100L);
	}

	@Test
	void missingKeysAreNoticedBeforeAnythingIsMeasured() {
		assertThatExceptionOfType(SetupException.class).isThrownBy(() -> run(Workload.GET, options()))
			.withMessage("0 keys where 300 are needed: run preload first");
	}

	@Test
	void probeWaitsForAnAnswerWithTheRightValue() {
		run(Workload.PRELOAD, options());
		try (Probe probe = new Probe(endpoint(), () -> true, Duration.ofSeconds(30))) {
			assertThat(probe.awaitKey(options().build()) - probe.awaitPut()).isNegative();
			assertThatExceptionOfType(SetupException.class).isThrownBy(() -> probe.awaitKey(options().seed(2).build()))
				.withMessage("Key 150 does not have the value that was written");
		}
	}

	@Test
	void probeGivesUpOnAServerThatEnded() {
		this.server.stopListening();
		try (Probe probe = new Probe(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), () -> false,
				Duration.ofSeconds(30))) {
			assertThatExceptionOfType(SetupException.class).isThrownBy(probe::awaitPut)
				.withMessageStartingWith("The server ended");
		}
	}

	private LoadResult run(Workload workload, LoadOptions.Builder options) {
		return workload.run(options.build(), endpoint(), ProcessHandle.current().pid());
	}

	private InetSocketAddress endpoint() {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), this.server.port());
	}

	private static LoadOptions.Builder options() {
		return LoadOptions.builder().keys(300).outstanding(2, 8).limit(20).drain(Duration.ofSeconds(60));
	}

	private static KvServer start() {
		KvServer server = KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.build());
		server.listen();
		return server;
	}

}
