package dev.kvserver.benchmarks.load.workload;

/**
 * One connection puts, at a rate or as fast as it can, and watchers look on, each at all
 * keys. Every watcher must get every event once, in order, with the revision and the
 * value of the put.
 */
final class WatchScenario implements Scenario {

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		bench.clear(bench.keys());
		WatchedPuts puts = new WatchedPuts(bench);
		WatchSet set = new WatchSet(bench, puts);
		set.open(options.watchers(), options.watchStreams(), (watcher) -> bench.keys(), bench.revision() + 1);
		bench.connect(1, options.connections() * options.streams());
		bench.measure(Phase.measured(options, puts).withSettled(puts::isAllDelivered));
		puts.checkDelivered(set, bench);
	}

}
