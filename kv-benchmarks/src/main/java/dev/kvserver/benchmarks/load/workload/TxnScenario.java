package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/** Guarded updates of random keys. */
final class TxnScenario implements Scenario {

	@Override
	public void run(Bench bench) {
		LoadOptions options = bench.options();
		ObjectSet objects = new ObjectSet(bench, bench.keys(), options.valueBytes());
		bench.clear(bench.keys());
		bench.connect(options.connections(), options.streams());
		objects.create(bench);
		bench.measure(Phase.measured(options, new Update(bench.worker(), objects)));
		if (bench.isServing() && bench.tally().allWritesKnown()) {
			objects.check(bench);
		}
	}

	/** One guarded update. */
	private static final class Update implements Operation {

		private final Worker worker;

		private final ObjectSet objects;

		Update(Worker worker, ObjectSet objects) {
			this.worker = worker;
			this.objects = objects;
		}

		@Override
		public boolean writes() {
			return true;
		}

		@Override
		public Rpc next(Slot slot) {
			return this.objects.update(slot, this.worker.random());
		}

		@Override
		public void keyValue(Slot slot, KeyValueView keyValue) {
			this.objects.keyValue(slot, keyValue);
		}

		@Override
		public @Nullable Rpc replied(Slot slot) {
			this.objects.changed(slot, false);
			return null;
		}

		@Override
		public void failed(Slot slot) {
			this.objects.failed(slot);
		}

	}

}
