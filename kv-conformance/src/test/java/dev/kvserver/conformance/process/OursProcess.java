package dev.kvserver.conformance.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Our server, without Spring, in a JVM of its own.
 */
public final class OursProcess extends RestartableProcess {

	private static final Pattern READY = Pattern.compile("Ready on port (\\d+)");

	private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

	private final boolean durable;

	private final Duration progressNotifyInterval;

	private final String authToken;

	private String heap = "1g";

	/**
	 * Prepares a server without starting it.
	 * @param durable whether it keeps its data in a directory, or else in memory
	 * @param progressNotifyInterval how often idle watchers are told the revision
	 * @param authToken the kind of token that logins give, as the flag
	 * {@code --auth-token} has it
	 */
	public OursProcess(boolean durable, Duration progressNotifyInterval, String authToken) {
		super("kv-");
		this.durable = durable;
		this.progressNotifyInterval = progressNotifyInterval;
		this.authToken = authToken;
	}

	/**
	 * Bounds the heap, and as tightly what is outside of it.
	 * @param size the size, as {@code -Xmx} has it
	 * @return this
	 */
	public OursProcess withHeap(String size) {
		this.heap = size;
		return this;
	}

	@Override
	public String name() {
		return this.durable ? "ours, durable" : "ours, in memory";
	}

	@Override
	public void start() {
		Path data = directory().resolve("data");
		List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx" + this.heap, "-XX:MaxDirectMemorySize=" + this.heap, "-XX:+ExitOnOutOfMemoryError", "-cp",
				System.getProperty("java.class.path"), OursMain.class.getName(),
				this.durable ? data.toString() : "memory", Long.toString(this.progressNotifyInterval.toMillis()),
				this.authToken);
		servesOn(Integer.parseInt(run(command, READY, START_TIMEOUT).group(1)));
	}

}
