package dev.kvserver.benchmarks.load.workload;

import java.util.Arrays;

import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/**
 * Writes the keys of a set in order, many to a txn, each with a value that can be made
 * again from its number. Remembers at which revision each was written.
 */
final class PreloadOperation implements Operation {

	/** Below the largest request that a server takes. */
	private static final int TXN_BYTES_MAX = 1024 * 1024;

	private final Worker worker;

	private final Keyspace keys;

	private final long seed;

	private final byte[] value;

	private final int batch;

	private final long[] revisions;

	private int next;

	PreloadOperation(Bench bench, Keyspace keys, int valueBytes) {
		LoadOptions options = bench.options();
		this.worker = bench.worker();
		this.keys = keys;
		this.seed = options.seed();
		this.value = new byte[valueBytes];
		this.batch = Math.max(1, Math.min(options.batch(), TXN_BYTES_MAX / (valueBytes + options.keyBytes() + 32)));
		this.revisions = new long[keys.keys()];
	}

	/** The revision that each key was written at. */
	long[] revisions() {
		return this.revisions;
	}

	@Override
	public boolean writes() {
		return true;
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		if (this.next == this.keys.keys()) {
			return null;
		}
		slot.key = this.next;
		this.next = endOf(this.next);
		MessageWriter out = slot.request;
		int start = out.beginMessage();
		for (int key = slot.key; key < this.next; key++) {
			Mixing.fill(this.value, this.seed, key);
			Requests.txnPut(out, this.keys.key(key), this.value);
		}
		out.endMessage(start);
		return Rpc.TXN;
	}

	private int endOf(int first) {
		return Math.min(this.keys.keys(), first + this.batch);
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		this.worker.wrote(slot.reply.revision());
		if (!slot.reply.succeeded()) {
			this.worker.tally().wrong("a txn without conditions has failed");
		}
		Arrays.fill(this.revisions, slot.key, endOf(slot.key), slot.reply.revision());
		return null;
	}

}
