package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.KeyValueView;

/**
 * Counts the events of the mix: one for each change and watcher, in order.
 */
final class MixEvents implements WatcherListener {

	private final Tally tally;

	private final ObjectSet leases;

	private final ObjectSet pods;

	private final int watchersOfEach;

	private long delivered;

	MixEvents(Tally tally, ObjectSet leases, ObjectSet pods, int watchersOfEach) {
		this.tally = tally;
		this.leases = leases;
		this.pods = pods;
		this.watchersOfEach = watchersOfEach;
	}

	@Override
	public void event(Watcher watcher, boolean deleted, KeyValueView keyValue) {
		this.delivered++;
		if (keyValue.modRevision() <= watcher.lastRevision()) {
			this.tally.wrong("a watcher saw revision " + keyValue.modRevision() + " after " + watcher.lastRevision());
		}
	}

	private long expected() {
		return (this.leases.changes() + this.pods.changes()) * this.watchersOfEach;
	}

	boolean isAllDelivered() {
		return this.delivered >= expected();
	}

	void check() {
		if (this.delivered != expected() && this.tally.allWritesKnown()) {
			this.tally.wrong(this.delivered + " events were delivered, not " + expected());
		}
	}

}
