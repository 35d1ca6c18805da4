package dev.kvserver.conformance.history;

import java.util.Set;

import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;

/**
 * A random history. Each step depends on the seed and on what was learnt from the answers
 * to the earlier steps.
 */
public final class History {

	private final Dice dice;

	private final HistoryState state = new HistoryState();

	private final KvRequests kv;

	private final TxnRequests txns;

	private final LeaseRequests leases;

	private final WatchSteps watches;

	private final Set<Feature> features;

	/**
	 * Begins a history on an empty store.
	 * @param seed any number
	 * @param features what takes part besides keys
	 */
	public History(long seed, Set<Feature> features) {
		this.features = features;
		this.dice = new Dice(seed);
		this.kv = new KvRequests(this.dice, this.state);
		this.txns = new TxnRequests(this.dice, this.state, this.kv);
		this.leases = new LeaseRequests(this.dice, this.state);
		this.watches = new WatchSteps(this.dice, this.state);
	}

	/**
	 * What is known of the servers.
	 * @return the state, to be told each answer before the next step
	 */
	public HistoryState state() {
		return this.state;
	}

	/**
	 * The watchers of an open stream, to be told what became of each request.
	 * @param slot its slot
	 * @return the watchers
	 */
	public OpenWatches watches(int slot) {
		return this.watches.stream(slot);
	}

	/**
	 * The next step.
	 * @return the step
	 */
	public Step next() {
		Step step = any();
		while (!takesPart(step)) {
			step = any();
		}
		return step;
	}

	private boolean takesPart(Step step) {
		if (step instanceof Step.Ask ask) {
			boolean lease = ask.call().method().getFullMethodName().startsWith("etcdserverpb.Lease/");
			return !lease || this.features.contains(Feature.LEASES);
		}
		return this.features.contains(Feature.WATCHES);
	}

	private Step any() {
		int kind = this.dice.below(1000);
		if (kind < 300) {
			return new Step.Ask(Call.of(KVGrpc.getPutMethod(), this.kv.put()));
		}
		if (kind < 370) {
			return new Step.Ask(Call.of(KVGrpc.getDeleteRangeMethod(), this.kv.delete()));
		}
		if (kind < 560) {
			return new Step.Ask(Call.of(KVGrpc.getRangeMethod(), this.kv.range()));
		}
		if (kind < 610) {
			return new Step.Ask(Call.of(KVGrpc.getRangeStreamMethod(), this.kv.streamedRange()));
		}
		if (kind < 800) {
			return new Step.Ask(Call.of(KVGrpc.getTxnMethod(), this.txns.txn()));
		}
		if (kind < 815) {
			return new Step.Ask(Call.of(KVGrpc.getCompactMethod(), this.kv.compaction()));
		}
		if (kind < 835) {
			return new Step.Ask(Call.of(MaintenanceGrpc.getHashKVMethod(), this.kv.hash()));
		}
		return (kind < 930) ? new Step.Ask(this.leases.any()) : this.watches.any();
	}

	/** What a history may be without. */
	public enum Feature {

		/** Requests of the lease service. */
		LEASES,

		/** Watch streams. */
		WATCHES

	}

}
