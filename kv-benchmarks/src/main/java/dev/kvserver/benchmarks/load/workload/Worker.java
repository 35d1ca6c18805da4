package dev.kvserver.benchmarks.load.workload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.kvserver.benchmarks.load.http2.CallStatus;
import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.http2.LoadLoop;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Runs phases: keeps the slots busy, takes the times. Belongs to the thread of the loop.
 * <p>
 * Without a rate, a slot begins the next operation when its last one is done: the load is
 * closed. With a rate, operations are due at fixed times and their latency counts from
 * then on, so that a server which stalls cannot hide it.
 */
final class Worker {

	/** Without any reply for so long, the server is given up. */
	private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(120);

	private final LoadLoop loop;

	private final LoadOptions options;

	private final Tally tally;

	private final long serverPid;

	private final SplittableRandom random;

	private final List<Slot> slots = new ArrayList<>();

	private final ArrayDeque<Slot> idle = new ArrayDeque<>();

	private @Nullable Phase phase;

	private CompletableFuture<Void> done = new CompletableFuture<>();

	private boolean issuing;

	private boolean exhausted;

	private boolean broken;

	private boolean sampled;

	private long startNanos;

	private long measureFromNanos;

	private long stopNanos;

	private long drainUntilNanos;

	private long lastDoneNanos;

	private long progressNanos;

	private long wakeNanos = Long.MAX_VALUE;

	private long issued;

	private long inFlight;

	private Usage usageBefore = Usage.read(0);

	private Usage usageAfter = this.usageBefore;

	private double seconds;

	Worker(LoadLoop loop, LoadOptions options, Tally tally, long serverPid) {
		this.loop = loop;
		this.options = options;
		this.tally = tally;
		this.serverPid = serverPid;
		this.random = new SplittableRandom(options.seed());
		loop.afterRead(this::turn);
	}

	Tally tally() {
		return this.tally;
	}

	SplittableRandom random() {
		return this.random;
	}

	/** When the bytes that are being dealt with were read. */
	long now() {
		return this.loop.now();
	}

	Operation operation() {
		return requireNonNull(requireNonNull(this.phase).operation());
	}

	/** Slots are spread over the connections in turn. */
	void addSlots(List<Connection> connections, int perConnection) {
		for (int i = 0; i < perConnection; i++) {
			connections.forEach((connection) -> this.slots.add(new Slot(this, connection)));
		}
	}

	/** Begins a phase; the result completes when it is over. */
	CompletableFuture<Void> run(Phase next) {
		long now = System.nanoTime();
		this.phase = next;
		this.done = new CompletableFuture<>();
		this.issuing = true;
		this.exhausted = false;
		this.sampled = false;
		this.issued = 0;
		this.inFlight = 0;
		this.startNanos = now;
		this.measureFromNanos = now + next.warmupNanos();
		this.stopNanos = (next.durationNanos() == Phase.FOREVER) ? Phase.FOREVER
				: this.measureFromNanos + next.durationNanos();
		this.lastDoneNanos = this.measureFromNanos;
		this.progressNanos = now;
		this.idle.clear();
		this.slots.stream().filter(Slot::isFree).forEach(this.idle::add);
		turn();
		return this.done;
	}

	/** What was used in the measured time, and how long it was. */
	LoadResult result(String workload) {
		return this.tally.result(workload, this.seconds, this.usageBefore, this.usageAfter);
	}

	/** Does whatever is to be done now, and makes sure to be called again in time. */
	private void turn() {
		Phase current = this.phase;
		if (current == null) {
			return;
		}
		long now = System.nanoTime();
		current.tick().run();
		if (this.issuing) {
			sampleUsageBefore(now);
			issueIdle();
			endIssuing(current, now);
		}
		boolean stalled = this.inFlight > 0 && now - this.progressNanos > STALL_NANOS;
		if (!this.issuing && (isDrained(current) || now >= this.drainUntilNanos || stalled)) {
			finish(current);
		}
		else {
			this.broken |= stalled;
			wakeAt(nextWake(current, now), now);
		}
	}

	private void sampleUsageBefore(long now) {
		if (!this.sampled && now >= this.measureFromNanos) {
			this.sampled = true;
			if (requireNonNull(this.phase).measured()) {
				this.usageBefore = Usage.read(this.serverPid);
			}
		}
	}

	private boolean mayIssue() {
		Phase current = requireNonNull(this.phase);
		return current.operation() != null && !this.exhausted && !this.broken && this.issued < current.count();
	}

	private void issueIdle() {
		int rate = requireNonNull(this.phase).rate();
		while (!this.idle.isEmpty() && mayIssue()) {
			long now = System.nanoTime();
			long at = (rate > 0) ? dueNanos(rate) : now;
			if (at > now || at >= this.stopNanos) {
				return;
			}
			issue(at);
		}
	}

	/** When the next operation is due. */
	private long dueNanos(int rate) {
		return this.startNanos + (long) (this.issued * 1e9 / rate);
	}

	private void issue(long at) {
		Slot slot = this.idle.remove();
		slot.startNanos = at;
		slot.callNanos = at;
		slot.request.clear();
		slot.series = this.tally.total();
		Rpc rpc = operation().next(slot);
		if (rpc == null) {
			this.idle.add(slot);
			this.exhausted = true;
			return;
		}
		this.issued++;
		this.inFlight++;
		slot.start(rpc);
	}

	private void endIssuing(Phase current, long now) {
		boolean timeUp = now >= this.stopNanos || current.over().getAsBoolean();
		boolean waits = current.operation() == null && !this.broken;
		if (timeUp || (!waits && !mayIssue())) {
			this.issuing = false;
			this.drainUntilNanos = now + this.options.drain().toNanos();
			if (timeUp) {
				this.stopNanos = Math.min(now, this.stopNanos);
				countUnsent(current);
				sampleUsageAfter(current);
			}
		}
	}

	/** What was due before the end but found no free slot. */
	private void countUnsent(Phase current) {
		while (current.rate() > 0 && mayIssue() && dueNanos(current.rate()) < this.stopNanos) {
			this.tally.unsent();
			this.issued++;
		}
	}

	private void sampleUsageAfter(Phase current) {
		if (current.measured()) {
			this.usageAfter = Usage.read(this.serverPid);
		}
	}

	private boolean isDrained(Phase current) {
		return this.inFlight == 0 && (this.broken || current.settled().getAsBoolean());
	}

	private void finish(Phase current) {
		boolean timeUp = this.stopNanos != Phase.FOREVER;
		if (!timeUp) {
			sampleUsageAfter(current);
		}
		this.tally.unfinished(this.inFlight);
		if (current.operation() != null && current.operation().writes()) {
			this.tally.unknownWrites(this.inFlight);
		}
		this.slots.forEach(Slot::abandon);
		if (current.measured()) {
			long end = timeUp ? this.stopNanos : this.lastDoneNanos;
			this.seconds = (end - this.measureFromNanos) / 1e9;
		}
		this.phase = null;
		this.done.complete(null);
	}

	private long nextWake(Phase current, long now) {
		long at = now + Phase.TICK_NANOS;
		if (this.issuing) {
			at = Math.min(at, this.stopNanos);
			if (current.rate() > 0 && !this.idle.isEmpty() && mayIssue()) {
				at = Math.min(at, dueNanos(current.rate()));
			}
		}
		return at;
	}

	private void wakeAt(long at, long now) {
		if (at < this.wakeNanos) {
			this.wakeNanos = at;
			this.loop.schedule(this::wake, Math.max(0, at - now));
		}
	}

	private void wake() {
		this.wakeNanos = Long.MAX_VALUE;
		turn();
	}

	/** A slot has its reply. */
	void replied(Slot slot) {
		this.progressNanos = now();
		slot.request.clear();
		Rpc rpc = operation().replied(slot);
		if (rpc != null) {
			slot.callNanos = now();
			slot.start(rpc);
			return;
		}
		sample(this.tally.total(), slot.startNanos, now());
		if (slot.series != this.tally.total()) {
			sample(slot.series, slot.startNanos, now());
		}
		release(slot);
	}

	/** The operation in a slot ended in an error. */
	void failed(Slot slot, int status, String text) {
		this.tally.error(status, text);
		this.broken |= status == CallStatus.LOST;
		if (operation().writes()) {
			this.tally.unknownWrites(1);
		}
		operation().failed(slot);
		release(slot);
	}

	private void release(Slot slot) {
		this.inFlight--;
		this.lastDoneNanos = now();
		this.idle.add(slot);
	}

	/**
	 * Takes a time. At a fixed rate it belongs to the measured time if it began in it, so
	 * that no delay is hidden, else if it ended in it.
	 */
	void sample(Series series, long start, long end) {
		Phase current = this.phase;
		if (current == null || !current.measured()) {
			return;
		}
		if (isMeasured(end)) {
			series.completed();
		}
		if (isMeasured((current.rate() > 0) ? start : end)) {
			series.time(end - start);
		}
	}

	private boolean isMeasured(long at) {
		return at >= this.measureFromNanos && at < this.stopNanos;
	}

	/** A write was acknowledged. */
	void wrote(long revision) {
		if (requireNonNull(this.phase).measured()) {
			this.tally.wrote(revision);
		}
	}

}
