package dev.kvserver.benchmarks.load.workload;

/** Reads of a set of keys that is there and does not change. */
final class ReadScenario implements Scenario {

	/** What is read. */
	enum Kind {

		/** One key. */
		GET,
		/** Many keys. */
		RANGE,
		/** The number of all keys. */
		COUNT

	}

	private final Kind kind;

	ReadScenario(Kind kind) {
		this.kind = kind;
	}

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		Operation operation = switch (this.kind) {
			case GET -> new GetOperation(bench);
			case RANGE -> new RangeOperation(bench);
			case COUNT -> new CountOperation(bench);
		};
		bench.requireKeys();
		bench.connect(options.connections(), options.streams());
		bench.measure(Phase.measured(options, operation));
	}

}
