package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/** Reads a random key; key and value must be as the preload wrote them. */
final class GetOperation implements Operation {

	private final Worker worker;

	private final Keyspace keys;

	private final long seed;

	private final byte[] value;

	GetOperation(Bench bench) {
		this.worker = bench.worker();
		this.keys = bench.keys();
		this.seed = bench.options().seed();
		this.value = new byte[bench.options().valueBytes()];
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		slot.key = this.worker.random().nextInt(this.keys.keys());
		slot.flag = false;
		Requests.get(slot.request, this.keys.key(slot.key));
		return Rpc.RANGE;
	}

	@Override
	public void keyValue(Slot slot, KeyValueView keyValue) {
		Mixing.fill(this.value, this.seed, slot.key);
		slot.flag = this.keys.number(keyValue) == slot.key && keyValue.valueEquals(this.value);
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		if (!slot.flag || slot.reply.keyValues() != 1 || slot.reply.count() != 1) {
			this.worker.tally()
				.wrong("a get of key " + slot.key + " brought " + slot.reply.keyValues()
						+ " keys, or another key or value");
		}
		return null;
	}

}
