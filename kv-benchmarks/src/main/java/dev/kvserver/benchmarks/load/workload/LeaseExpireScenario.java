package dev.kvserver.benchmarks.load.workload;

/**
 * Grants leases with a key each, renews them all at once, and waits for the keys to go.
 * With a rate, puts go on meanwhile.
 */
final class LeaseExpireScenario implements Scenario {

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		Keyspace keys = new Keyspace(LoadOptions.PREFIX + "expire/", options.keyBytes(), options.leases());
		Leases leases = new Leases(bench, keys);
		bench.clear(bench.keys());
		WatchSet set = new WatchSet(bench, leases);
		set.open(1, 1, (watcher) -> keys, bench.revision() + 1);
		bench.connect(options.connections(), options.streams());
		bench.prepare(leases);
		bench.await(bench.loop().call(() -> new RenewalStream(bench.worker(), leases).start(bench.control())));
		if (leases.gone() > 0) {
			throw new SetupException("Leases expired before the last one was renewed: a longer life is needed");
		}
		waitForExpiry(bench, leases);
		if (bench.isServing() && bench.countKeys(keys) != leases.count() - leases.gone()) {
			bench.tally().wrong("the keys that are left are not those without an event");
		}
	}

	private void waitForExpiry(Bench bench, Leases leases) {
		LoadOptions options = bench.options();
		PutOperation puts = (options.rate() > 0) ? new PutOperation(bench) : null;
		long left = Math.max(0, leases.lastDueNanos() - System.nanoTime());
		bench.run(Phase.measured(options, puts).waitingFor(leases::isAllGone, left + options.drain().toNanos()));
		leases.report();
	}

}
