package dev.kvserver.benchmarks.load.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a server is started.
 *
 * @param name what it is called in the tables
 * @param version what it says about itself
 * @param command the program and its arguments, with {@link #PORT}, {@link #DATA} and
 * {@link #CLASS_PATH} in the places of what is known later
 */
public record ServerCommand(String name, String version, List<String> command) {

	private static final String PORT = "{port}";

	private static final String DATA = "{data}";

	/** Where the driver lies, and the server with it. */
	private static final String CLASS_PATH = "{class path}";

	/** Runs this server. */
	private static final String SERVER = "dev.kvserver.benchmarks.load.ServerMain";

	/**
	 * The real etcd, with its defaults but for the limit of its database, which a long
	 * measurement would reach.
	 * @param binary the program
	 * @return the server
	 * @throws IllegalArgumentException if it cannot be run
	 */
	public static ServerCommand etcd(String binary) {
		String url = "http://127.0.0.1:" + PORT;
		return new ServerCommand("etcd", firstLine(List.of(binary, "--version")),
				List.of(binary, "--data-dir", DATA, "--listen-client-urls", url, "--advertise-client-urls", url,
						"--listen-peer-urls", "http://127.0.0.1:0", "--quota-backend-bytes", "8589934592",
						"--log-level", "warn"));
	}

	/**
	 * This server on its own, durable, with its defaults.
	 * @param java the program
	 * @param flags flags of the JVM
	 * @return the server
	 * @throws IllegalArgumentException if it cannot be run
	 */
	public static ServerCommand ours(Path java, List<String> flags) {
		List<String> command = new ArrayList<>();
		command.add(java.toString());
		command.addAll(flags);
		command.addAll(List.of("-cp", CLASS_PATH, SERVER, "--port", PORT, "--data-dir", DATA));
		return new ServerCommand("ours", firstLine(List.of(java.toString(), "-version")), List.copyOf(command));
	}

	List<String> at(int port, Path data) {
		return this.command.stream()
			.map((part) -> part.replace(PORT, Integer.toString(port))
				.replace(DATA, data.toString())
				.replace(CLASS_PATH, System.getProperty("java.class.path")))
			.toList();
	}

	private static String firstLine(List<String> command) {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			return text.lines().findFirst().orElse("");
		}
		catch (IOException ex) {
			throw new IllegalArgumentException("Cannot run " + command + ": " + ex.getMessage(), ex);
		}
	}

}
