package dev.kvserver.conformance.differential;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.history.History;
import dev.kvserver.conformance.history.History.Feature;
import dev.kvserver.conformance.history.OpenWatches;
import dev.kvserver.conformance.history.Step;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import io.grpc.Status;

/**
 * Runs one history on two empty servers, step by step, and fails at the first difference.
 */
final class DifferentialRun {

	/** Steps between two comparisons of what the watchers got. */
	private static final int STEPS_PER_SETTLE = 20;

	private final Connection left;

	private final Connection right;

	private final History history;

	private final Transcript transcript = new Transcript();

	private final Map<Integer, WatchPair> streams = new TreeMap<>();

	private int stepsSinceSettle;

	DifferentialRun(Connection left, Connection right, long seed, Set<Feature> features) {
		this.left = left;
		this.right = right;
		this.history = new History(seed, features);
	}

	/**
	 * Runs the history.
	 * @param steps how many steps
	 * @return the methods that were called, with status code and number
	 */
	Map<String, Integer> run(int steps) {
		for (int i = 0; i < steps; i++) {
			// Before the step is chosen: settling makes a revision, and a watcher that
			// was
			// to start in the future must not start in the present.
			if (this.stepsSinceSettle++ >= STEPS_PER_SETTLE) {
				settle();
			}
			Step step = this.history.next();
			this.transcript.step(step.toString());
			take(step);
		}
		settle();
		compareHashes();
		this.streams.values().forEach(WatchPair::close);
		return this.transcript.counts();
	}

	private void take(Step step) {
		if (step instanceof Step.Ask ask) {
			if (ask.call().request() instanceof CompactionRequest) {
				// What a watcher that is behind gets depends on how far it is.
				settle();
			}
			ask(ask.call());
		}
		else if (step instanceof Step.Open open) {
			OpenWatches watches = this.history.watches(open.slot());
			this.streams.put(open.slot(),
					new WatchPair(watches, this.left.channel(), this.right.channel(), this.transcript));
		}
		else {
			takeOnStream(step);
		}
	}

	private void takeOnStream(Step step) {
		if (step instanceof Step.Create create) {
			stream(create.slot()).create(create.request(), this.history.state().revision(),
					this.history.state().compactRevision());
			this.transcript.count("Watch create", Status.Code.OK);
		}
		else if (step instanceof Step.Cancel cancel) {
			settle();
			stream(cancel.slot()).cancel(cancel.watchId());
			this.transcript.count("Watch cancel", Status.Code.OK);
		}
		else if (step instanceof Step.Progress progress) {
			settle();
			stream(progress.slot()).requestProgress(this.history.state().revision());
			this.transcript.count("Watch progress", Status.Code.OK);
		}
		else if (step instanceof Step.HalfClose halfClose) {
			settle();
			stream(halfClose.slot()).halfClose();
		}
		else if (step instanceof Step.Close close) {
			settle();
			stream(close.slot()).close();
			this.streams.remove(close.slot());
		}
	}

	private WatchPair stream(int slot) {
		WatchPair stream = this.streams.get(slot);
		if (stream == null) {
			throw new IllegalStateException("No stream in slot " + slot);
		}
		return stream;
	}

	private Outcome ask(Call call) {
		CompletableFuture<Outcome> leftOutcome = this.left.start(call);
		Outcome right = this.right.run(call);
		Outcome left = Connection.join(leftOutcome);
		List<String> differences = Differences.between(call, left, right);
		if (!differences.isEmpty()) {
			throw this.transcript.difference(call.toString(), differences, left.toString(), right.toString());
		}
		this.history.state().observe(call, left);
		this.transcript.add("  " + left);
		this.transcript.count(call.method().getFullMethodName(), left.code());
		return left;
	}

	/** Writes the ping key, waits until all streams are there, and compares them. */
	private void settle() {
		this.stepsSinceSettle = 0;
		if (this.streams.isEmpty()) {
			return;
		}
		ask(Call.of(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(OpenWatches.PING_KEY).build()));
		this.streams.values().forEach((stream) -> stream.settle(this.history.state().revision()));
	}

	/**
	 * Compares the hash of all that is there, of what a compaction saw, and of some
	 * revisions behind it.
	 */
	private void compareHashes() {
		hash(0);
		compact(this.history.state().revision() - 2);
		long compacted = this.history.state().revision() - 1;
		compact(compacted);
		for (int i = 0; i < STEPS_PER_SETTLE; i++) {
			ask(Call.of(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(OpenWatches.PING_KEY).build()));
		}
		for (long revision = compacted; revision <= this.history.state().revision(); revision++) {
			hash(revision);
		}
		hash(0);
	}

	private void compact(long revision) {
		ask(Call.of(KVGrpc.getCompactMethod(),
				CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build()));
	}

	private void hash(long revision) {
		if (!this.history.state().isHashCertain(revision)) {
			return;
		}
		HashKVRequest request = HashKVRequest.newBuilder().setRevision(revision).build();
		if (!ask(Call.of(MaintenanceGrpc.getHashKVMethod(), request)).isOk()) {
			throw new AssertionError("The hash at " + revision + " was refused");
		}
	}

}
