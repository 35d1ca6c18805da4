package dev.kvserver.spring.boot.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What an application prints that cannot start: no stack trace, but what to do.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTests {

	@Test
	void portInUseIsReportedWithThePropertyToChange(CapturedOutput output) throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertThatItDoesNotStart("kv.server.listen.addresses=127.0.0.1:" + taken.getLocalPort());
			assertThat(output).contains("APPLICATION FAILED TO START")
				.contains("127.0.0.1:" + taken.getLocalPort())
				.contains("Address already in use")
				.contains("or set 'kv.server.listen.addresses' to another one")
				.doesNotContain("\tat ");
		}
	}

	@Test
	void addressOfAnotherMachineIsReported(CapturedOutput output) {
		assertThatItDoesNotStart("kv.server.listen.addresses=192.0.2.1:0");
		assertThat(output).contains("192.0.2.1").contains("to an address of this machine").doesNotContain("\tat ");
	}

	@Test
	void refusedValueIsReportedWithItsProperty(CapturedOutput output) {
		assertThatItDoesNotStart("kv.server.grpc.max-txn-ops=0");
		assertThat(output).contains("Invalid value '0' for configuration property 'kv.server.grpc.max-txn-ops'")
			.contains("above 0")
			.doesNotContain("\tat ");
	}

	@Test
	void valueOfAnotherTypeIsReportedWithItsProperty(CapturedOutput output) {
		assertThatItDoesNotStart("kv.server.grpc.transport=pigeon");
		assertThat(output).contains("Property: kv.server.grpc.transport").contains("auto").doesNotContain("\tat ");
	}

	@Test
	void directoryThatIsAFileIsReported(CapturedOutput output, @TempDir Path directory) throws IOException {
		Path file = Files.createFile(directory.resolve("file"));
		assertThatItDoesNotStart("kv.server.store.data-dir=" + file);
		assertThat(output).contains(file.toString()).contains("set 'kv.server.store.data-dir'").doesNotContain("\tat ");
	}

	@Test
	void directoryInUseIsReportedAndTheOtherServerGoesOn(CapturedOutput output, @TempDir Path directory) {
		try (ConfigurableApplicationContext first = start("kv.server.store.data-dir=" + directory)) {
			assertThatItDoesNotStart("kv.server.store.data-dir=" + directory);
			assertThat(output).contains(directory.toString()).contains("one server at a time").doesNotContain("\tat ");
			try (GrpcClient client = new GrpcClient(
					first.getEnvironment().getRequiredProperty("local.kv.server.port", Integer.class))) {
				client.put("key", "value");
				assertThat(client.get("key")).isEqualTo("value");
			}
		}
	}

	@Test
	void fileThatCannotBeRestoredIsReported(CapturedOutput output, @TempDir Path directory) throws IOException {
		Path file = Files.writeString(directory.resolve("notes.txt"), "no database");
		assertThatItDoesNotStart("kv.server.store.data-dir=" + directory.resolve("data"),
				"kv.server.store.restore-from=" + file);
		assertThat(output).contains("cannot restore its data")
			.contains(file.toString())
			.contains("Set 'kv.server.store.restore-from' to a snapshot")
			.doesNotContain("\tat ");
		assertThat(directory.resolve("data")).doesNotExist();
	}

	@Test
	void startThatFailsOnThePortLetsTheDirectoryGo(@TempDir Path directory) throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertThatItDoesNotStart("kv.server.listen.addresses=127.0.0.1:" + taken.getLocalPort(),
					"kv.server.store.data-dir=" + directory);
		}
		start("kv.server.store.data-dir=" + directory).close();
	}

	private static void assertThatItDoesNotStart(String... properties) {
		assertThatException().isThrownBy(() -> start(properties).close());
	}

	private static ConfigurableApplicationContext start(String... properties) {
		List<String> arguments = new ArrayList<>(List.of("--kv.server.listen.addresses=127.0.0.1:0"));
		for (String property : properties) {
			arguments.removeIf((argument) -> argument.startsWith("--" + property.substring(0, property.indexOf('='))));
			arguments.add("--" + property);
		}
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.run(arguments.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ KvServerAutoConfiguration.class, KvServerTransportAutoConfiguration.class })
	static class Application {

	}

}
