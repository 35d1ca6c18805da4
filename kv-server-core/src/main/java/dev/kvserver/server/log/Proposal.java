package dev.kvserver.server.log;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.metrics.ProposalMetrics;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through the log, and at the same time the link of the queue in
 * which it waits, and what is told the outcome: it notes the time and passes it on.
 */
final class Proposal implements Completion {

	private final InternalRaftRequest request;

	private final Completion completion;

	private final int sizeBytes;

	private final ProposalMetrics metrics;

	private final long begin = Histogram.begin();

	/**
	 * The neighbour in the queue: the one before until the batch is taken, then after.
	 */
	@Nullable Proposal next;

	/** How many proposals wait up to and including this one, and their bytes. */
	int waitingCount = 1;

	long waitingBytes;

	/**
	 * Makes a proposal that waits alone.
	 * @param request the request as it is logged
	 * @param completion told the outcome
	 * @param metrics count it
	 */
	Proposal(InternalRaftRequest request, Completion completion, ProposalMetrics metrics) {
		this.request = request;
		this.completion = completion;
		this.metrics = metrics;
		// Protobuf keeps the size it computes, and encoding needs it again.
		this.sizeBytes = request.getSerializedSize();
		this.waitingBytes = this.sizeBytes;
	}

	InternalRaftRequest request() {
		return this.request;
	}

	/** The log has taken it. */
	void pending() {
		this.metrics.pending().increment();
	}

	@Override
	public void done(Message response) {
		ended(true);
		this.completion.done(response);
	}

	/** Refused when it was carried out, or not at all any more. */
	@Override
	public void failed(Throwable failure) {
		ended(true);
		this.completion.failed(failure);
	}

	private void ended(boolean success) {
		this.metrics.pending().add(-1);
		note(success);
	}

	/** For etcd every request that the log has taken is a success. */
	private void note(boolean success) {
		RequestKind kind = RequestKind.of(this.request);
		if (kind.isCounted()) {
			this.metrics.requests().of(kind.number(), success).end(this.begin);
		}
	}

	/** It was too large, which etcd counts as a success, too. */
	void tooLarge(Throwable failure) {
		note(true);
		this.completion.failed(failure);
	}

	/** It never got into the log. */
	void refused(Throwable failure) {
		this.metrics.failed().increment();
		note(false);
		this.completion.failed(failure);
	}

	int sizeBytes() {
		return this.sizeBytes;
	}

}
