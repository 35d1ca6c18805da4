package dev.kvserver.server.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.metrics.ProposalMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Turns proposals into committed entries on one node: takes all that wait as one batch,
 * gives each its index, makes the batch durable with one sync and hands it on. While a
 * sync runs the next batch gathers by itself, so nothing ever waits for more to come.
 * <p>
 * When the log or the receiver fails, the loop is closed for good: whatever waits and
 * whatever comes is answered {@code STOPPED}, and the failure leaves {@link #doWork()}
 * for the owner of the thread to report.
 */
public final class LogLoop implements Agent, Proposer {

	private final Log log;

	private final CommitSink sink;

	private final LongSupplier appliedIndex;

	private final LogLimits limits;

	private final ProposalQueue queue;

	private final ProposalMetrics metrics = ProposalMetrics.create(RequestKind.names());

	/**
	 * Taken from the queue and not logged yet, because a batch was full; oldest first.
	 */
	private @Nullable Proposal backlog;

	private volatile long committedIndex;

	private volatile Runnable wakeUp = () -> {
	};

	/**
	 * Makes the loop over an open and replayed log, which stays the caller's to close.
	 * @param log the log
	 * @param sink takes committed entries, on the thread that runs this loop
	 * @param appliedIndex the index up to which entries were applied; any thread
	 * @param limits the bounds
	 */
	public LogLoop(Log log, CommitSink sink, LongSupplier appliedIndex, LogLimits limits) {
		this.log = log;
		this.sink = sink;
		this.appliedIndex = appliedIndex;
		this.limits = limits;
		this.queue = new ProposalQueue(limits.queueCountMax(), limits.queueBytesMax());
		this.committedIndex = log.lastIndex();
	}

	/**
	 * Sets what wakes the thread that runs this loop. Before the first proposal.
	 * @param wakeUp called after each accepted proposal, on the proposing thread
	 */
	public void onProposed(Runnable wakeUp) {
		this.wakeUp = wakeUp;
	}

	/**
	 * The index of the last durable entry. Any thread.
	 * @return the index; 0 when there is none
	 */
	public long committedIndex() {
		return this.committedIndex;
	}

	@Override
	public void propose(InternalRaftRequest request, Completion completion) {
		if (this.committedIndex - this.appliedIndex.getAsLong() > this.limits.applyGapMax()) {
			refuse(completion, this.queue.isClosed() ? EtcdError.STOPPED : EtcdError.TOO_MANY_REQUESTS);
			return;
		}
		Proposal proposal = new Proposal(request, completion, this.metrics);
		if (proposal.sizeBytes() > this.limits.requestBytesMax()) {
			proposal.tooLarge(EtcdError.REQUEST_TOO_LARGE.exception());
			return;
		}
		// Before the offer, since the answer may come at once.
		proposal.pending();
		switch (this.queue.offer(proposal)) {
			case ACCEPTED -> this.wakeUp.run();
			case FULL -> {
				this.metrics.pending().add(-1);
				refuse(completion, EtcdError.TOO_MANY_REQUESTS);
			}
			case CLOSED -> {
				this.metrics.pending().add(-1);
				proposal.refused(EtcdError.STOPPED.exception());
			}
		}
	}

	/**
	 * What is counted here.
	 * @return the metrics
	 */
	public ProposalMetrics metrics() {
		return this.metrics;
	}

	/**
	 * Commits one batch.
	 * @return how many entries were committed
	 */
	@Override
	public int doWork() {
		Proposal first = (this.backlog != null) ? this.backlog : this.queue.takeAll();
		if (first == null) {
			return 0;
		}
		List<LogEntry> batch = takeBatch(first);
		append(batch);
		this.committedIndex = batch.get(batch.size() - 1).index();
		handOver(batch);
		return batch.size();
	}

	private List<LogEntry> takeBatch(Proposal first) {
		long index = this.log.lastIndex();
		long term = this.log.term();
		int bytes = 0;
		List<LogEntry> batch = new ArrayList<>();
		Proposal proposal = first;
		while (proposal != null && bytes < this.limits.batchBytesMax()) {
			index++;
			batch.add(new LogEntry(index, term, proposal.request(), proposal));
			bytes += proposal.sizeBytes();
			Proposal taken = proposal;
			proposal = taken.next;
			// One that is answered late must not keep all that came after it.
			taken.next = null;
		}
		this.backlog = proposal;
		return batch;
	}

	private void append(List<LogEntry> batch) {
		try {
			this.log.append(batch);
		}
		catch (Throwable ex) {
			for (int i = 0; i < batch.size(); i++) {
				Completion completion = batch.get(i).completion();
				if (completion != null) {
					refuse(completion, EtcdError.STOPPED);
				}
			}
			onClose();
			throw ex;
		}
	}

	/** From here on the receiver answers for the batch, even if it fails. */
	private void handOver(List<LogEntry> batch) {
		try {
			this.sink.committed(batch);
		}
		catch (Throwable ex) {
			onClose();
			throw ex;
		}
	}

	/**
	 * Refuses what waits in the queue and whatever comes. Any thread; calling it again
	 * does nothing.
	 */
	public void stop() {
		refuseAll(this.queue.close());
	}

	/**
	 * Refuses what waits and whatever comes. Called on the thread that runs this loop, or
	 * after it has ended; calling it again does nothing.
	 */
	@Override
	public void onClose() {
		Proposal older = this.backlog;
		this.backlog = null;
		refuseAll(older);
		stop();
	}

	private static void refuseAll(@Nullable Proposal oldest) {
		for (Proposal proposal = oldest; proposal != null; proposal = proposal.next) {
			refuse(proposal, EtcdError.STOPPED);
		}
	}

	private static void refuse(Completion completion, EtcdError error) {
		completion.failed(error.exception());
	}

}
