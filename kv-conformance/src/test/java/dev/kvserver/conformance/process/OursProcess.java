package dev.kvserver.conformance.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Our server, without Spring, in a JVM of its own.
 */
public final class OursProcess implements ServerUnderTest {

	private static final Pattern READY = Pattern.compile("Ready on port (\\d+)");

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private final TemporaryDirectory directory = new TemporaryDirectory("kv-");

	private final boolean durable;

	private final Duration progressNotifyInterval;

	private @Nullable ChildProcess process;

	private int port;

	/**
	 * Prepares a server without starting it.
	 * @param durable whether it keeps its data in a directory, or else in memory
	 * @param progressNotifyInterval how often idle watchers are told the revision
	 */
	public OursProcess(boolean durable, Duration progressNotifyInterval) {
		this.durable = durable;
		this.progressNotifyInterval = progressNotifyInterval;
	}

	@Override
	public String name() {
		return this.durable ? "ours, durable" : "ours, in memory";
	}

	@Override
	public int port() {
		return this.port;
	}

	@Override
	public void start() {
		Path data = this.directory.path().resolve("data");
		List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
				"-XX:+ExitOnOutOfMemoryError", "-cp", System.getProperty("java.class.path"), OursMain.class.getName(),
				this.durable ? data.toString() : "memory", Long.toString(this.progressNotifyInterval.toMillis()));
		ChildProcess started = ChildProcess.start(command, this.directory.path(), READY);
		this.process = started;
		this.port = Integer.parseInt(started.awaitReady(START_TIMEOUT).group(1));
	}

	@Override
	public void kill() {
		if (this.process != null) {
			this.process.kill();
		}
	}

	@Override
	public List<String> output() {
		return (this.process != null) ? this.process.output() : List.of();
	}

	@Override
	public void close() {
		kill();
		this.directory.delete();
	}

}
