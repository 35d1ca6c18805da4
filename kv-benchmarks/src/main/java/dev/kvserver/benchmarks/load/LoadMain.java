package dev.kvserver.benchmarks.load;

import java.net.InetSocketAddress;
import java.util.List;

import dev.kvserver.benchmarks.load.compare.Json;
import dev.kvserver.benchmarks.load.http2.ConnectionException;
import dev.kvserver.benchmarks.load.workload.LoadOptions;
import dev.kvserver.benchmarks.load.workload.LoadResult;
import dev.kvserver.benchmarks.load.workload.SeriesResult;
import dev.kvserver.benchmarks.load.workload.SetupException;
import dev.kvserver.benchmarks.load.workload.Workload;

/**
 * The command line of the load driver.
 */
public final class LoadMain {

	private static final String USAGE = """
			Usage: compare [OPTIONS]             measure etcd and this server in turn
			       run WORKLOAD --endpoint H:P   put one load on a running server, which serves nobody else

			Workloads: %s
			Options, each with a value: see docs/performance.md
			""";

	private static final int EXIT_UNSOUND = 1;

	private static final int EXIT_USAGE = 2;

	private static final int EXIT_SETUP = 3;

	private LoadMain() {
	}

	/**
	 * Runs a command. The process ends with 0 if all is well, 1 if answers were wrong or
	 * missing, 2 if the command line is wrong, 3 if nothing could be measured.
	 * @param args the command and its arguments
	 */
	public static void main(String[] args) {
		System.exit(run(List.of(args)));
	}

	static int run(List<String> args) {
		try {
			Arguments arguments = new Arguments(args);
			String command = arguments.words().isEmpty() ? "" : arguments.words().get(0);
			switch (command) {
				case "compare" -> {
					return CompareCommand.run(arguments) ? 0 : EXIT_UNSOUND;
				}
				case "run" -> {
					return load(arguments) ? 0 : EXIT_UNSOUND;
				}
				default -> throw new IllegalArgumentException("A command is missing");
			}
		}
		catch (IllegalArgumentException ex) {
			System.err.println(ex.getMessage());
			System.err.print(USAGE.formatted(List.of(Workload.values())));
			return EXIT_USAGE;
		}
		catch (SetupException | ConnectionException ex) {
			System.err.println(ex.getMessage());
			return EXIT_SETUP;
		}
	}

	private static boolean load(Arguments arguments) {
		if (arguments.words().size() != 2) {
			throw new IllegalArgumentException("One workload is needed");
		}
		Workload workload = Workload.of(arguments.words().get(1));
		LoadOptions options = options(arguments, LoadOptions.builder());
		InetSocketAddress endpoint = endpoint(arguments.text("endpoint", ""));
		int serverPid = arguments.number("server-pid", 0);
		boolean json = arguments.text("format", "text").equals("json");
		arguments.requireNoOthers();
		LoadResult result = workload.run(options, endpoint, serverPid);
		System.out.println(json ? Json.write(result.toMap()) : text(result));
		return result.isSound();
	}

	/** Reads the options of a load; what is not given stays as it is in the builder. */
	static LoadOptions options(Arguments arguments, LoadOptions.Builder builder) {
		LoadOptions given = builder.build();
		return builder
			.outstanding(arguments.number("connections", given.connections()),
					arguments.number("streams", given.streams()))
			.time(arguments.seconds("warmup", given.warmup().toMillis() / 1e3),
					arguments.seconds("duration", given.duration().toMillis() / 1e3))
			.count(arguments.number("count", (int) given.count()))
			.rate(arguments.number("rate", given.rate()))
			.drain(arguments.seconds("drain", given.drain().toMillis() / 1e3))
			.keys(arguments.number("keys", given.keys()))
			.sizes(arguments.number("key-bytes", given.keyBytes()), arguments.number("value-bytes", given.valueBytes()))
			.limit(arguments.number("limit", given.limit()))
			.watchers(arguments.number("watchers", given.watchers()),
					arguments.number("watch-streams", given.watchStreams()))
			.leases(arguments.number("leases", given.leases()), arguments.number("ttl", given.ttlSeconds()))
			.compactEvery(arguments.seconds("compact-every", given.compactEvery().toMillis() / 1e3))
			.seed(arguments.number("seed", (int) given.seed()))
			.build();
	}

	private static InetSocketAddress endpoint(String text) {
		int colon = text.lastIndexOf(':');
		if (colon <= 0) {
			throw new IllegalArgumentException("--endpoint must be HOST:PORT");
		}
		InetSocketAddress address = new InetSocketAddress(text.substring(0, colon),
				Integer.parseInt(text.substring(colon + 1)));
		if (address.getAddress() == null || !address.getAddress().isLoopbackAddress()) {
			throw new IllegalArgumentException("Only servers on this machine are loaded, not " + text);
		}
		return address;
	}

	private static String text(LoadResult result) {
		StringBuilder text = new StringBuilder();
		text.append("%s: %.2f s%n".formatted(result.workload(), result.seconds()));
		line(text, result.total());
		result.series().forEach((series) -> line(text, series));
		text.append("CPU in ms per 1000: server %.2f, driver %.2f (%.0f %% of a CPU)%n".formatted(
				result.serverCpuMillisPer1000(), result.clientCpuMillisPer1000(),
				100 * result.clientCpuSeconds() / result.seconds()));
		result.extras().forEach((name, value) -> text.append("%s: %s%n".formatted(name, value)));
		result.problems().forEach((problem) -> text.append("! ").append(problem).append('\n'));
		return text.toString().stripTrailing();
	}

	private static void line(StringBuilder text, SeriesResult series) {
		text.append("%-16s %12.0f/s  p50 %.3f ms  p99 %.3f ms  p99.9 %.3f ms  max %.3f ms%n".formatted(series.name(),
				series.perSecond(), series.p50() / 1e3, series.p99() / 1e3, series.p999() / 1e3, series.max() / 1e3));
	}

}
