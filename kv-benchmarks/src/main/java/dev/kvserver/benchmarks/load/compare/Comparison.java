package dev.kvserver.benchmarks.load.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

import dev.kvserver.benchmarks.load.http2.ConnectionException;
import dev.kvserver.benchmarks.load.workload.LoadOptions;
import dev.kvserver.benchmarks.load.workload.LoadResult;
import dev.kvserver.benchmarks.load.workload.SetupException;
import dev.kvserver.benchmarks.load.workload.Workload;

/**
 * Measures servers in turn: A B, B A, A B and so on for each measure, never two at the
 * same time, each on an empty data directory.
 */
public final class Comparison {

	private static final double MIB = 1024 * 1024;

	/** Read back after a restart, each with its value. */
	private static final int READ_BACK = 1_000;

	private final CompareOptions options;

	private final Consumer<String> progress;

	private final List<Finding> findings = new ArrayList<>();

	/**
	 * Prepares a comparison.
	 * @param options what and how
	 * @param progress is told a line now and then
	 */
	public Comparison(CompareOptions options, Consumer<String> progress) {
		this.options = options;
		this.progress = progress;
	}

	/**
	 * Runs it, which takes minutes.
	 * @return what was found
	 */
	public Summary run() {
		List<List<Measure>> groups = new ArrayList<>();
		for (Measure measure : this.options.measures()) {
			if (!measure.needsManyKeys()) {
				groups.add(List.of(measure));
			}
		}
		List<Measure> withManyKeys = this.options.measures().stream().filter(Measure::needsManyKeys).sorted().toList();
		if (!withManyKeys.isEmpty()) {
			groups.add(withManyKeys);
		}
		for (List<Measure> group : groups) {
			for (int round = 1; round <= this.options.rounds(); round++) {
				runGroup(group, round);
			}
		}
		return new Summary(this.options.servers().stream().map(ServerCommand::name).toList(), this.findings);
	}

	private void runGroup(List<Measure> group, int round) {
		List<ServerCommand> servers = new ArrayList<>(this.options.servers());
		if (round % 2 == 0) {
			Collections.reverse(servers);
		}
		for (ServerCommand server : servers) {
			List<Finding> found = new ArrayList<>();
			group.forEach((measure) -> found.add(new Finding(server.name(), round, measure)));
			try (RunningServer running = new RunningServer(server, this.options.dataRoot())) {
				measure(group, found, running);
			}
			catch (SetupException | ConnectionException ex) {
				found.get(0).failed(String.valueOf(ex.getMessage()));
			}
			found.forEach((finding) -> this.progress.accept(finding.toString()));
			this.findings.addAll(found);
		}
	}

	private void measure(List<Measure> group, List<Finding> found, RunningServer server) {
		if (!group.get(0).needsManyKeys()) {
			load(group.get(0), found.get(0), server);
			return;
		}
		LoadOptions many = Measure.MEMORY.options(this.options);
		LoadResult preload = server.load(Workload.PRELOAD, many);
		found.get(0).takeProblems(preload);
		for (int i = 0; i < group.size(); i++) {
			Finding finding = found.get(i);
			switch (group.get(i)) {
				case MEMORY -> takeMemory(finding, preload);
				case RESTART -> restart(finding, server, many);
				default -> finding.take(server.load(group.get(i).workload(), group.get(i).options(this.options)));
			}
		}
	}

	private void load(Measure measure, Finding finding, RunningServer server) {
		LoadOptions loadOptions = measure.options(this.options);
		if (measure.workload().needsKeys()) {
			finding.takeProblems(server.load(Workload.PRELOAD, loadOptions));
		}
		finding.take(server.load(measure.workload(), loadOptions));
	}

	private static void takeMemory(Finding finding, LoadResult preload) {
		finding.extra("memory: RSS after the preload, MiB", preload.serverRssBytes() / MIB);
		finding.extra("memory: peak RSS, MiB", preload.serverPeakRssBytes() / MIB);
		finding.extra("memory: preload, seconds", preload.seconds());
	}

	/**
	 * After a kill the log holds what was written last; after a proper end it may not.
	 */
	private static void restart(Finding finding, RunningServer server, LoadOptions many) {
		server.kill();
		finding.extra("restart: first get after SIGKILL, seconds", server.restart(many));
		readBack(finding, server, many);
		finding.extra("restart: SIGTERM to the end, seconds", server.terminate());
		finding.extra("restart: first get after SIGTERM, seconds", server.restart(many));
		readBack(finding, server, many);
		finding.extra("restart: RSS after it, MiB", server.usage().rssBytes() / MIB);
	}

	/** All keys must be there, and those that are read with their values. */
	private static void readBack(Finding finding, RunningServer server, LoadOptions many) {
		LoadOptions some = LoadOptions.builder().keys(many.keys()).seed(many.seed()).count(READ_BACK).build();
		finding.takeProblems(server.load(Workload.GET, some));
	}

}
