package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/**
 * Reads up to the limit of keys from a random one to the end of the set. They must come
 * in order and without a gap, each value with its number in front and of full length.
 */
final class RangeOperation implements Operation {

	private final Worker worker;

	private final Keyspace keys;

	private final LoadOptions options;

	RangeOperation(Bench bench) {
		this.worker = bench.worker();
		this.keys = bench.keys();
		this.options = bench.options();
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		slot.key = this.worker.random().nextInt(this.keys.keys());
		slot.number = slot.key;
		slot.flag = true;
		Requests.range(slot.request, this.keys.key(slot.key), this.keys.end(), this.options.limit(), false, false);
		return Rpc.RANGE;
	}

	@Override
	public void keyValue(Slot slot, KeyValueView keyValue) {
		slot.flag &= this.keys.number(keyValue) == slot.number && keyValue.valueStamp() == slot.number
				&& keyValue.valueLength() == this.options.valueBytes();
		slot.number++;
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		int left = this.keys.keys() - slot.key;
		int expected = Math.min(left, this.options.limit());
		if (!slot.flag || slot.reply.keyValues() != expected || slot.reply.count() != left
				|| slot.reply.more() != (expected < left)) {
			this.worker.tally()
				.wrong("a range from key " + slot.key + " brought " + slot.reply.keyValues() + " of "
						+ slot.reply.count() + " keys where " + expected + " of " + left
						+ " are due, or others, or values that were not written");
		}
		return null;
	}

}
