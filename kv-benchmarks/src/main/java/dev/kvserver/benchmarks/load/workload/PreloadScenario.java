package dev.kvserver.benchmarks.load.workload;

/** Writes all keys of the set once, after deleting them. */
final class PreloadScenario implements Scenario {

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		bench.clear(bench.keys());
		bench.connect(options.connections(), options.streams());
		PreloadOperation preload = new PreloadOperation(bench, bench.keys(), options.valueBytes());
		bench.measure(new Phase(preload, true, 0, Phase.FOREVER, Phase.FOREVER, 0, () -> false, () -> true, () -> {
		}));
		if (bench.isServing() && bench.countKeys(bench.keys()) != bench.keys().keys()) {
			bench.tally().wrong("not all keys are there after the preload");
		}
	}

}
