package dev.kvserver.benchmarks.load.workload;

import java.util.BitSet;
import java.util.concurrent.TimeUnit;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/**
 * Leases with one key each: grants them, and sees their keys go. Lateness is taken from
 * the end of a lease, reckoned from when the driver read the answer to its renewal, to
 * when it read the event of its key.
 */
final class Leases implements Operation, WatcherListener {

	private final Worker worker;

	private final Tally tally;

	private final Keyspace keys;

	private final long ttlNanos;

	private final int ttlSeconds;

	private final Series lateness = new Series("lateness");

	private final long[] ids;

	/**
	 * Of the grant, then of the renewal: a lease cannot end a life before this is over.
	 */
	private final long[] sentNanos;

	private final long[] ackedNanos;

	private final BitSet gone = new BitSet();

	private int granted;

	private long lastGoneNanos;

	Leases(Bench bench, Keyspace keys) {
		this.worker = bench.worker();
		this.tally = bench.tally();
		this.keys = keys;
		this.ttlSeconds = bench.options().ttlSeconds();
		this.ttlNanos = TimeUnit.SECONDS.toNanos(this.ttlSeconds);
		this.ids = new long[keys.keys()];
		this.sentNanos = new long[keys.keys()];
		this.ackedNanos = new long[keys.keys()];
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		if (this.granted == this.ids.length) {
			return null;
		}
		slot.key = this.granted++;
		slot.flag = false;
		Requests.grant(slot.request, this.ttlSeconds);
		return Rpc.LEASE_GRANT;
	}

	/** The reply to a grant, and then to the put of the key. */
	@Override
	public @Nullable Rpc replied(Slot slot) {
		if (slot.flag) {
			return null;
		}
		slot.flag = true;
		this.ids[slot.key] = slot.reply.leaseId();
		if (slot.reply.leaseId() == 0 || slot.reply.ttlSeconds() != this.ttlSeconds) {
			this.tally.wrong("a lease was granted without an id, or for " + slot.reply.ttlSeconds() + " s");
		}
		byte[] key = this.keys.key(slot.key);
		Requests.put(slot.request, key, key, slot.reply.leaseId());
		return Rpc.PUT;
	}

	int count() {
		return this.ids.length;
	}

	long id(int number) {
		return this.ids[number];
	}

	void renewed(int number, long sent, long acked) {
		this.sentNanos[number] = sent;
		this.ackedNanos[number] = acked;
	}

	@Override
	public void event(Watcher watcher, boolean deleted, KeyValueView keyValue) {
		int number = this.keys.number(keyValue);
		if (!deleted || number < 0) {
			return;
		}
		long now = this.worker.now();
		if (this.gone.get(number)) {
			this.tally.wrong("a key expired twice");
		}
		if (now < this.sentNanos[number] + this.ttlNanos) {
			this.tally.wrong("a key expired " + (this.sentNanos[number] + this.ttlNanos - now) / 1e9 + " s early");
		}
		long due = this.ackedNanos[number] + this.ttlNanos;
		this.worker.sample(this.lateness, Math.min(due, now), now);
		this.lastGoneNanos = now;
		this.gone.set(number);
	}

	int gone() {
		return this.gone.cardinality();
	}

	boolean isAllGone() {
		return this.gone.nextClearBit(0) >= this.ids.length;
	}

	/** When the last lease ends. */
	long lastDueNanos() {
		long last = Long.MIN_VALUE;
		for (long acked : this.ackedNanos) {
			last = Math.max(last, acked + this.ttlNanos);
		}
		return last;
	}

	/** At the end no key may be left. */
	void report() {
		if (!isAllGone()) {
			this.tally.wrong((this.ids.length - gone()) + " of " + this.ids.length + " keys were never deleted");
		}
		SeriesResult late = this.lateness.result(0);
		this.tally.extra("lateness p50, seconds", late.p50() / 1e6);
		this.tally.extra("lateness p99, seconds", late.p99() / 1e6);
		this.tally.extra("last lease ended to last key gone, seconds", (this.lastGoneNanos - lastDueNanos()) / 1e9);
	}

}
