package dev.kvserver.benchmarks.load.workload;

/**
 * Small and large objects, changed, read, listed and deleted as in a Kubernetes cluster,
 * with watchers, and with compactions up to where they all were one interval ago.
 */
final class MixScenario implements Scenario {

	private static final int LEASE_BYTES = 300;

	private static final int POD_BYTES = 4096;

	private static final int WATCHERS = 20;

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		bench.clear(bench.keys());
		int half = options.keys() / 2;
		ObjectSet leases = objects(bench, "leases/", half, LEASE_BYTES);
		ObjectSet pods = objects(bench, "pods/", options.keys() - half, POD_BYTES);
		bench.connect(options.connections(), options.streams());
		leases.create(bench);
		pods.create(bench);
		MixOperation mix = new MixOperation(bench, leases, pods);
		MixEvents events = new MixEvents(bench.tally(), leases, pods, WATCHERS / 2);
		WatchSet set = new WatchSet(bench, events);
		set.open(WATCHERS, WATCHERS, (watcher) -> (watcher % 2 == 0) ? leases.keys() : pods.keys(),
				bench.revision() + 1);
		Compactions compactions = new Compactions(bench, set::lowestRevision);
		bench.measure(Phase.measured(options, mix).withSettled(events::isAllDelivered).withTick(compactions));
		events.check();
		bench.tally().extra("compactions", compactions.done());
		if (bench.isServing() && bench.tally().allWritesKnown()) {
			leases.check(bench);
			pods.check(bench);
		}
	}

	private static ObjectSet objects(Bench bench, String name, int count, int valueBytes) {
		Keyspace keys = new Keyspace(LoadOptions.PREFIX + name, bench.options().keyBytes(), count);
		return new ObjectSet(bench, keys, valueBytes);
	}

}
