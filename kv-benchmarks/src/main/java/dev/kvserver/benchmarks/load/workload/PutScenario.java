package dev.kvserver.benchmarks.load.workload;

/** Writes random keys, then looks whether the last writes are what is there. */
final class PutScenario implements Scenario {

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		bench.clear(bench.keys());
		PutOperation put = new PutOperation(bench);
		bench.connect(options.connections(), options.streams());
		bench.measure(Phase.measured(options, put));
		if (bench.isServing() && bench.tally().allWritesKnown()) {
			put.checkKeys(bench);
		}
	}

}
