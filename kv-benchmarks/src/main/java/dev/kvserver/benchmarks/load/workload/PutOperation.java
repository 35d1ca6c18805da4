package dev.kvserver.benchmarks.load.workload;

import java.util.BitSet;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/**
 * Puts a random key. The value begins with the number of the put, from 0 on. Remembers
 * the latest acknowledged put of each key, which must be what is read in the end.
 */
final class PutOperation implements Operation {

	private final Worker worker;

	private final Keyspace keys;

	private final long seed;

	private final byte[] value;

	private final long[] lastRevisions;

	private final long[] lastNumbers;

	private long next;

	PutOperation(Bench bench) {
		this.worker = bench.worker();
		this.keys = bench.keys();
		this.seed = bench.options().seed();
		this.value = new byte[bench.options().valueBytes()];
		this.lastRevisions = new long[this.keys.keys()];
		this.lastNumbers = new long[this.keys.keys()];
	}

	@Override
	public boolean writes() {
		return true;
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		slot.key = this.worker.random().nextInt(this.keys.keys());
		slot.number = this.next++;
		Mixing.fill(this.value, this.seed, slot.number);
		Requests.put(slot.request, this.keys.key(slot.key), this.value, 0);
		return Rpc.PUT;
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		long revision = slot.reply.revision();
		this.worker.wrote(revision);
		if (revision > this.lastRevisions[slot.key]) {
			this.lastRevisions[slot.key] = revision;
			this.lastNumbers[slot.key] = slot.number;
		}
		return null;
	}

	/** Reads all keys back. Only if the fate of every put is known. */
	void checkKeys(Bench bench) {
		BitSet seen = new BitSet();
		bench.scan(this.keys, false, (keyValue) -> {
			int key = this.keys.number(keyValue);
			if (key < 0 || !isLastPut(key, keyValue)) {
				bench.tally().wrong("key " + key + " is not as it was written last");
			}
			else {
				seen.set(key);
			}
		});
		for (int key = 0; key < this.keys.keys(); key++) {
			if (this.lastRevisions[key] > 0 && !seen.get(key)) {
				bench.tally()
					.wrong("key " + key + " was written at revision " + this.lastRevisions[key] + " and is not there");
			}
		}
	}

	private boolean isLastPut(int key, KeyValueView keyValue) {
		Mixing.fill(this.value, this.seed, this.lastNumbers[key]);
		return keyValue.modRevision() == this.lastRevisions[key] && keyValue.valueEquals(this.value);
	}

}
