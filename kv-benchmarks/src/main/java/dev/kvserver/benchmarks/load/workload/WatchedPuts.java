package dev.kvserver.benchmarks.load.workload;

import java.util.Arrays;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/**
 * Puts whose events come back. The number in front of the value tells which put an event
 * is of. Latency is taken from when the put was due or sent, and from when the driver
 * read its acknowledgement; an event that is here before that counts as 0.
 */
final class WatchedPuts implements Operation, WatcherListener {

	private static final int ROOM = 1 << 16;

	private final Worker worker;

	private final Tally tally;

	private final PutOperation put;

	private final int watchers;

	private final Series fromSend;

	private final Series fromAck;

	/** By the number of the put. */
	private long[] sentNanos = new long[ROOM];

	/** By the number of the put; 0 if it is not acknowledged. */
	private long[] ackedNanos = new long[ROOM];

	/** By the number of the put; 0 if it is not acknowledged. */
	private long[] revisions = new long[ROOM];

	private long puts;

	private long expected;

	private long delivered;

	WatchedPuts(Bench bench) {
		this.worker = bench.worker();
		this.tally = bench.tally();
		this.put = new PutOperation(bench);
		this.watchers = bench.options().watchers();
		this.fromSend = bench.tally().addSeries("event-from-send");
		this.fromAck = bench.tally().addSeries("event-from-ack");
	}

	@Override
	public boolean writes() {
		return true;
	}

	@Override
	public @Nullable Rpc next(Slot slot) {
		Rpc rpc = this.put.next(slot);
		int number = (int) slot.number;
		if (number == this.sentNanos.length) {
			this.sentNanos = Arrays.copyOf(this.sentNanos, 2 * number);
			this.ackedNanos = Arrays.copyOf(this.ackedNanos, 2 * number);
			this.revisions = Arrays.copyOf(this.revisions, 2 * number);
		}
		this.sentNanos[number] = slot.startNanos;
		this.puts = slot.number + 1;
		return rpc;
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		int number = (int) slot.number;
		this.ackedNanos[number] = this.worker.now();
		this.revisions[number] = slot.reply.revision();
		this.expected += this.watchers;
		return this.put.replied(slot);
	}

	boolean isAllDelivered() {
		return this.delivered >= this.expected;
	}

	/** Nobody else writes, so a watcher must see each revision, one after the other. */
	@Override
	public void event(Watcher watcher, boolean deleted, KeyValueView keyValue) {
		this.delivered++;
		long revision = keyValue.modRevision();
		if (deleted || revision != watcher.lastRevision() + 1) {
			this.tally.wrong("watcher " + watcher.number() + " saw revision " + revision + " after "
					+ watcher.lastRevision() + (deleted ? ", a deletion" : ""));
		}
		long stamp = keyValue.valueStamp();
		if (stamp < 0 || stamp >= this.puts) {
			this.tally.wrong("watcher " + watcher.number() + " saw a value that was never written");
			return;
		}
		take((int) stamp, revision);
	}

	private void take(int number, long revision) {
		long now = this.worker.now();
		long acked = this.ackedNanos[number];
		if (acked != 0 && this.revisions[number] != revision) {
			this.tally
				.wrong("a put was acknowledged at revision " + this.revisions[number] + " and watched at " + revision);
		}
		this.worker.sample(this.fromSend, this.sentNanos[number], now);
		this.worker.sample(this.fromAck, (acked == 0) ? now : acked, now);
	}

	/** At the end every watcher must be where the server is. */
	void checkDelivered(WatchSet set, Bench bench) {
		if (this.delivered != this.expected && this.tally.allWritesKnown()) {
			this.tally.wrong(this.delivered + " events were delivered, not " + this.expected);
		}
		long revision = bench.isServing() ? bench.revision() : 0;
		for (Watcher watcher : set.watchers()) {
			if (watcher.lastRevision() != revision) {
				this.tally.wrong("watcher " + watcher.number() + " ended at revision " + watcher.lastRevision()
						+ ", the server at " + revision);
			}
		}
	}

}
