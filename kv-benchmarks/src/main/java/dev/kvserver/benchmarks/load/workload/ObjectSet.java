package dev.kvserver.benchmarks.load.workload;

import java.util.BitSet;
import java.util.SplittableRandom;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * Keys that are changed only if they are as they were seen last, which is how Kubernetes
 * changes its objects. What is known of a key is the revision of its latest change; one
 * operation at a time changes it, so a txn fails only if the server is wrong.
 */
final class ObjectSet {

	private final Worker worker;

	private final Keyspace keys;

	private final long seed;

	private final byte[] value;

	/** Of the latest change; 0 if the key is not there. */
	private final long[] revisions;

	private final BitSet busy = new BitSet();

	private long changes;

	private long nextValue;

	ObjectSet(Bench bench, Keyspace keys, int valueBytes) {
		if (keys.keys() < 2 * bench.options().connections() * bench.options().streams()) {
			throw new SetupException("At least two keys are needed for each operation that is under way");
		}
		this.worker = bench.worker();
		this.keys = keys;
		this.seed = bench.options().seed();
		this.value = new byte[valueBytes];
		this.revisions = new long[keys.keys()];
	}

	Keyspace keys() {
		return this.keys;
	}

	/** How many changes were acknowledged. */
	long changes() {
		return this.changes;
	}

	/** Writes all of them, and learns their revisions. */
	void create(Bench bench) {
		PreloadOperation preload = new PreloadOperation(bench, this.keys, this.value.length);
		bench.prepare(preload);
		System.arraycopy(preload.revisions(), 0, this.revisions, 0, this.revisions.length);
	}

	/** Begins to update a random key. */
	Rpc update(Slot slot, SplittableRandom random) {
		take(slot, random);
		writeUpdate(slot);
		return Rpc.TXN;
	}

	private void writeUpdate(Slot slot) {
		Mixing.fill(this.value, this.seed, this.nextValue++);
		Requests.guardedPut(slot.request, this.keys.key(slot.key), this.revisions[slot.key], this.value);
	}

	/**
	 * Begins to delete a random key, or to create it where it is not there.
	 * @return whether it is deleted
	 */
	boolean deleteOrCreate(Slot slot, SplittableRandom random) {
		take(slot, random);
		boolean deletes = this.revisions[slot.key] != 0;
		if (deletes) {
			Requests.guardedDelete(slot.request, this.keys.key(slot.key), this.revisions[slot.key]);
		}
		else {
			writeUpdate(slot);
		}
		return deletes;
	}

	private void take(Slot slot, SplittableRandom random) {
		int key = random.nextInt(this.keys.keys());
		while (this.busy.get(key)) {
			key = random.nextInt(this.keys.keys());
		}
		this.busy.set(key);
		slot.key = key;
		slot.seenRevision = 0;
	}

	/** Takes the key-value that a failed txn brings. */
	void keyValue(Slot slot, KeyValueView keyValue) {
		slot.seenRevision = keyValue.modRevision();
	}

	/** Takes the reply to a change. */
	void changed(Slot slot, boolean deleted) {
		this.busy.clear(slot.key);
		long revision = slot.reply.revision();
		if (slot.reply.succeeded()) {
			if (revision <= this.revisions[slot.key]) {
				this.worker.tally()
					.wrong("key " + slot.key + " was changed at revision " + revision + " after "
							+ this.revisions[slot.key]);
			}
			this.worker.wrote(revision);
			this.revisions[slot.key] = deleted ? 0 : revision;
			this.changes++;
			return;
		}
		// After an error it is not known what was written.
		if (!this.worker.tally().hasErrors()) {
			this.worker.tally()
				.wrong("key " + slot.key + ": a txn failed at revision " + slot.seenRevision + " where "
						+ this.revisions[slot.key] + " was written");
		}
		this.revisions[slot.key] = slot.seenRevision;
	}

	/** The change ended in an error. */
	void failed(Slot slot) {
		this.busy.clear(slot.key);
	}

	/** Looks whether all keys are as they were changed last. */
	void check(Bench bench) {
		long[] found = new long[this.revisions.length];
		bench.scan(this.keys, true, (keyValue) -> {
			int key = this.keys.number(keyValue);
			if (key >= 0) {
				found[key] = keyValue.modRevision();
			}
		});
		for (int key = 0; key < found.length; key++) {
			if (found[key] != this.revisions[key]) {
				bench.tally()
					.wrong("key " + key + " is of revision " + found[key] + ", but was changed at "
							+ this.revisions[key]);
			}
		}
	}

}
