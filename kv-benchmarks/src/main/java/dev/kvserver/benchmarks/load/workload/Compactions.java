package dev.kvserver.benchmarks.load.workload;

import java.util.function.LongSupplier;

import dev.kvserver.benchmarks.load.http2.CallStatus;
import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * Compacts at intervals, up to what every watcher had seen one interval ago, one at a
 * time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the callback is all there is to do
final class Compactions implements Runnable {

	private final Bench bench;

	private final LongSupplier revision;

	private final long everyNanos;

	private long dueNanos;

	private long upTo;

	private int done;

	private boolean underWay;

	/**
	 * Prepares to compact.
	 * @param bench the run
	 * @param revision what every watcher has seen: one that is behind a compaction is
	 * rightly canceled
	 */
	Compactions(Bench bench, LongSupplier revision) {
		this.bench = bench;
		this.revision = revision;
		this.everyNanos = bench.options().compactEvery().toNanos();
		this.dueNanos = System.nanoTime() + this.everyNanos;
	}

	/** How many there were. */
	int done() {
		return this.done;
	}

	@Override
	public void run() {
		long now = System.nanoTime();
		if (this.everyNanos == 0 || now < this.dueNanos || this.underWay) {
			return;
		}
		if (this.upTo > 0 && this.upTo < this.revision.getAsLong()) {
			compact();
		}
		this.dueNanos = now + this.everyNanos;
		this.upTo = this.revision.getAsLong();
	}

	private void compact() {
		MessageWriter request = new MessageWriter();
		Requests.compact(request, this.upTo);
		this.underWay = true;
		new ControlCall(Rpc.COMPACT, KeyValueSink.NONE).start(this.bench.control(), request)
			.whenComplete((reply, failure) -> {
				this.underWay = false;
				if (failure == null) {
					this.done++;
				}
				else {
					this.bench.tally().error(CallStatus.NONE, "compaction: " + failure.getMessage());
				}
			});
	}

}
