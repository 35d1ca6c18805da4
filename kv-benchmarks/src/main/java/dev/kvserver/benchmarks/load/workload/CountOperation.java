package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/** Counts all keys of the set. */
final class CountOperation implements Operation {

	private final Worker worker;

	private final Keyspace keys;

	CountOperation(Bench bench) {
		this.worker = bench.worker();
		this.keys = bench.keys();
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		Requests.range(slot.request, this.keys.first(), this.keys.end(), 0, false, true);
		return Rpc.RANGE;
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		if (slot.reply.count() != this.keys.keys() || slot.reply.keyValues() != 0) {
			this.worker.tally().wrong("counted " + slot.reply.count() + " keys, not " + this.keys.keys());
		}
		return null;
	}

}
