package dev.kvserver.benchmarks.load.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The whole way, with servers in processes of their own. */
class ComparisonTests {

	@Test
	void serverIsLoadedKilledAndStartedAgain(@TempDir Path directory) throws IOException {
		List<String> progress = new ArrayList<>();
		Path java = Path.of(System.getProperty("java.home"), "bin", "java");
		ServerCommand server = ServerCommand.ours(java, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
		Summary summary = new Comparison(options(server, directory), progress::add).run();
		assertThat(summary.markdown()).doesNotContain("Problem");
		assertThat(summary.isSound()).isTrue();
		assertThat(progress).hasSize(4);
		List<Map<String, Object>> found = summary.toList();
		assertThat(found).extracting((finding) -> finding.get("measure"))
			.containsExactly(Measure.PUT, Measure.MEMORY, Measure.COUNT, Measure.RESTART);
		assertThat((Map<?, ?>) found.get(3).get("extras")).hasSize(4)
			.allSatisfy((name, value) -> assertThat((Double) value).isPositive());
		try (Stream<Path> left = Files.list(directory)) {
			assertThat(left).isEmpty();
		}
	}

	@Test
	void serverThatDoesNotStartIsAProblemAndNotTheEnd(@TempDir Path directory) {
		ServerCommand server = new ServerCommand("broken", "", List.of("/bin/sh", "-c", "echo no such luck; exit 1"));
		Summary summary = new Comparison(options(server, directory), (line) -> {
		}).run();
		assertThat(summary.isSound()).isFalse();
		assertThat(summary.markdown()).contains("put, round 1, broken: broken: The server ended")
			.contains("no such luck");
	}

	private static CompareOptions options(ServerCommand server, Path directory) {
		return new CompareOptions(List.of(server), List.of(Measure.PUT, Measure.RESTART, Measure.COUNT, Measure.MEMORY),
				1, Duration.ofMillis(100), Duration.ofMillis(300), 2, 4, 0, 200, 2_000, 10, 2, 1, 10, 10, 2, 10, 1,
				directory, directory);
	}

}
