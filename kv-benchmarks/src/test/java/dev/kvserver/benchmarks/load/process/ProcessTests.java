package dev.kvserver.benchmarks.load.process;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ProcessTests {

	@Test
	void usageIsReadFromWhatLinuxTells() {
		String stat = "77 (a) b (c)) S 1 77 77 0 -1 4194304 1 2 3 4 150 25 6 7 20 0 30 0 1000 1 2";
		List<String> status = List.of("Name:\ta) b (c)", "VmHWM:\t    2048 kB", "VmRSS:\t    1024 kB");
		assertThat(ProcessUsage.parse(stat, status)).isEqualTo(new ProcessUsage(1.75, 1024 * 1024, 2 * 1024 * 1024));
	}

	@Test
	void usageOfAProcessThatIsNotThereIsUnknown() {
		assertThat(ProcessUsage.read(0)).isEqualTo(new ProcessUsage(Double.NaN, -1, -1));
	}

	@Test
	void processIsStartedLoggedAndEnded(@TempDir Path directory) {
		List<String> command = List.of("/bin/sh", "-c", "echo started; exec sleep 600");
		try (ServerProcess process = ServerProcess.start(command, directory.resolve("log"))) {
			assertThat(process.isAlive()).isTrue();
			assertThat(process.pid()).isPositive();
			process.kill();
			assertThat(process.isAlive()).isFalse();
		}
		try (ServerProcess process = ServerProcess.start(List.of("/bin/sh", "-c", "echo again"),
				directory.resolve("log"))) {
			process.terminate();
			assertThat(process.isAlive()).isFalse();
		}
	}

}
