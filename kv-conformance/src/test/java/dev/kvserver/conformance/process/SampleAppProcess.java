package dev.kvserver.conformance.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sample application, started from its jar as the README says, but on free ports.
 */
public final class SampleAppProcess extends RestartableProcess {

	private static final Pattern READY = Pattern.compile("KV server started on \\S+?:(\\d+)");

	private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

	private final List<String> arguments;

	/**
	 * Prepares the application without starting it.
	 * @param arguments what is added to the command line
	 */
	public SampleAppProcess(String... arguments) {
		super("sample-");
		this.arguments = List.of(arguments);
	}

	@Override
	public String name() {
		return "sample application";
	}

	@Override
	public void start() {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar().toString(),
						"--server.port=0", "--kv.server.listen.addresses=127.0.0.1:0"));
		command.addAll(this.arguments);
		servesOn(Integer.parseInt(run(command, READY, START_TIMEOUT).group(1)));
	}

	private static Path jar() {
		Path target = Path.of(System.getProperty("basedir", "."), "..", "sample-app", "target").normalize();
		try (Stream<Path> files = Files.list(target)) {
			return files.filter((file) -> file.toString().endsWith(".jar"))
				.findFirst()
				.orElseThrow(() -> new AssertionError("No jar in " + target + ": build it as the README says"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Build the sample application as the README says", ex);
		}
	}

}
