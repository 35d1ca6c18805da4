package dev.kvserver.conformance.clients;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.ServerUnderTest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What etcdctl thinks of the sample application's speed, with its data on disk, after the
 * first seconds of its life. Each load takes a minute, and the machine should have
 * nothing else to do.
 */
@Tag("check-perf")
class EtcdctlCheckTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(EtcdctlCheckTests.class);

	private static final long TIMEOUT_SECONDS = 180;

	private static final int WARM_UP_ROUNDS = 200;

	private static final int WARM_UP_PUTS_PER_ROUND = 100;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "s", "m" })
	void performanceIsGoodEnough(String load) {
		EtcdBinary etcdctl = EtcdBinary.newestEtcdctl().orElseGet(EtcdBinary::etcdctl);
		try (ServerUnderTest server = Candidates.sampleApp("--kv.server.store.data-dir=" + this.directory)) {
			server.start();
			warmUp(server);
			CommandLine.Result result = CommandLine.run(List.of(etcdctl.path().toString(),
					"--endpoints=127.0.0.1:" + server.port(), "check", "perf", "--load=" + load), "", TIMEOUT_SECONDS);
			List<String> verdict = result.output().lines().filter((line) -> line.matches("\\w.*")).toList();
			LOGGER.info("{} with load {}: {}", server.name(), load, verdict);
			assertThat(result.exit()).as(verdict.toString()).isZero();
			assertThat(verdict).contains("PASS").noneMatch((line) -> line.startsWith("FAIL"));
		}
	}

	private static void warmUp(ServerUnderTest server) {
		PutRequest put = PutRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8("warm-up"))
			.setValue(ByteString.copyFrom(new byte[1_000]))
			.build();
		try (Connection connection = new Connection(server.port())) {
			for (int round = 0; round < WARM_UP_ROUNDS; round++) {
				List<CompletableFuture<Outcome>> puts = Stream
					.generate(() -> connection.start(Call.of(KVGrpc.getPutMethod(), put)))
					.limit(WARM_UP_PUTS_PER_ROUND)
					.toList();
				puts.forEach((outcome) -> assertThat(Connection.join(outcome).isOk()).isTrue());
			}
		}
	}

}
