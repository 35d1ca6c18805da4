package dev.kvserver.benchmarks.load.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the figures were measured on.
 */
public final class Environment {

	private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

	private static final Path MEMORY_INFO = Path.of("/proc/meminfo");

	private Environment() {
	}

	/**
	 * Describes machine, system and servers.
	 * @param options the servers, and where their data lies
	 * @return texts by name, which may be added to
	 */
	public static Map<String, String> describe(CompareOptions options) {
		Map<String, String> map = new LinkedHashMap<>();
		map.put("CPU", Runtime.getRuntime().availableProcessors() + " x " + lineOf(CPU_INFO, "model name"));
		map.put("memory", lineOf(MEMORY_INFO, "MemTotal"));
		map.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
		map.put("file system of the data", fileSystem(options.dataRoot()));
		map.put("driver's Java", System.getProperty("java.vm.version"));
		for (ServerCommand server : options.servers()) {
			map.put(server.name(), server.version());
			map.put(server.name() + " command", String.join(" ", server.command()));
		}
		return map;
	}

	private static String lineOf(Path file, String name) {
		try {
			return Files.readAllLines(file)
				.stream()
				.filter((line) -> line.startsWith(name))
				.map((line) -> line.substring(line.indexOf(':') + 1).trim())
				.findFirst()
				.orElse("unknown");
		}
		catch (IOException ex) {
			return "unknown";
		}
	}

	private static String fileSystem(Path directory) {
		try {
			return Files.getFileStore(Files.createDirectories(directory)).type();
		}
		catch (IOException ex) {
			return "unknown";
		}
	}

}
