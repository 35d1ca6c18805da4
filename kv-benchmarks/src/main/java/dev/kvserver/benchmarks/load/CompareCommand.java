package dev.kvserver.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.kvserver.benchmarks.load.compare.CompareOptions;
import dev.kvserver.benchmarks.load.compare.Comparison;
import dev.kvserver.benchmarks.load.compare.Environment;
import dev.kvserver.benchmarks.load.compare.Json;
import dev.kvserver.benchmarks.load.compare.Measure;
import dev.kvserver.benchmarks.load.compare.ServerCommand;
import dev.kvserver.benchmarks.load.compare.Summary;

/**
 * Compares etcd and this server.
 */
final class CompareCommand {

	private static final String MEASURES = "put,put-1,get,txn,watch,lease-expire,mix,memory,range,count,restart";

	private CompareCommand() {
	}

	/** Returns whether all answers were right. */
	static boolean run(Arguments arguments) {
		CompareOptions options = options(arguments);
		String commit = arguments.text("commit", "unknown");
		arguments.requireNoOthers();
		Map<String, String> environment = Environment.describe(options);
		environment.put("commit", commit);
		Summary summary = new Comparison(options, System.err::println).run();
		String report = describe(environment) + "\n" + summary.markdown();
		System.out.println(report);
		Map<String, Object> all = new LinkedHashMap<>();
		all.put("environment", environment);
		all.put("options", options.toMap());
		all.put("rounds", summary.toList());
		write(options.out(), report, Json.write(all));
		return summary.isSound();
	}

	private static String describe(Map<String, String> environment) {
		StringBuilder text = new StringBuilder("| | |\n|:--|:--|\n");
		environment.forEach((name, value) -> text.append("| %s | %s |\n".formatted(name, value)));
		return text.toString();
	}

	private static void write(Path directory, String report, String json) {
		try {
			Files.createDirectories(directory);
			Files.writeString(directory.resolve("compare.md"), report);
			Files.writeString(directory.resolve("compare.json"), json + "\n");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static CompareOptions options(Arguments arguments) {
		Path out = Path.of(arguments.text("out", "target/compare"));
		return new CompareOptions(servers(arguments),
				Arrays.stream(arguments.text("measures", MEASURES).split(",", -1)).map(Measure::of).toList(),
				arguments.number("rounds", 3), arguments.seconds("warmup", 10), arguments.seconds("duration", 10),
				arguments.number("connections", 8), arguments.number("streams", 32), arguments.number("rate", 0),
				arguments.number("keys", 10_000), arguments.number("many-keys", 1_000_000),
				arguments.number("limit", 1_000), arguments.number("watchers", 1_000),
				arguments.number("watch-streams", 10), arguments.number("watch-rate", 1_000),
				arguments.number("leases", 20_000), arguments.number("ttl", 10), arguments.number("lease-rate", 1_000),
				arguments.number("seed", 1), Path.of(arguments.text("data-root", out.resolve("data").toString())), out);
	}

	/** Etcd first, so that ratios are ours to etcd's. */
	private static List<ServerCommand> servers(Arguments arguments) {
		String etcd = arguments.text("etcd", "etcd");
		Path javaHome = Path.of(arguments.text("java-home", System.getProperty("java.home")));
		List<String> flags = Arrays.stream(arguments.text("java-flags", "-Xmx1g").split(" ", -1))
			.filter((flag) -> !flag.isEmpty())
			.toList();
		List<ServerCommand> servers = new ArrayList<>();
		for (String name : arguments.text("servers", "etcd,ours").split(",", -1)) {
			servers.add(switch (name) {
				case "etcd" -> ServerCommand.etcd(etcd);
				case "ours" -> ServerCommand.ours(javaHome.resolve("bin/java"), flags);
				default -> throw new IllegalArgumentException("There is no server " + name + ", only etcd and ours");
			});
		}
		return servers;
	}

}
