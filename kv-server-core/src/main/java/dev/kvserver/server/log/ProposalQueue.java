package dev.kvserver.server.log;

import java.util.concurrent.atomic.AtomicReference;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.metrics.ProposalMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Where proposals of many threads wait for the one log thread, which always takes all of
 * them at once.
 * <p>
 * Because nobody ever takes a single one, a stack is enough: adding is one compare and
 * swap of its top, taking is one swap and turning the chain around. Each proposal carries
 * the sums of those below it, so that the bounds cost no counter of their own. Closing
 * leaves a mark on top for good: a proposal is either in what {@link #close()} returns or
 * is refused, never lost in between.
 *
 * <pre>
 *   top -> c (count 3) -> b (count 2) -> a (count 1)       takeAll(): a -> b -> c
 * </pre>
 */
final class ProposalQueue {

	/** What became of an offer. */
	enum Offer {

		ACCEPTED, FULL, CLOSED

	}

	private static final Proposal CLOSED = new Proposal(InternalRaftRequest.getDefaultInstance(), new Unheard(),
			ProposalMetrics.create(RequestKind.names()));

	private final AtomicReference<@Nullable Proposal> top = new AtomicReference<>();

	private final int countMax;

	private final long bytesMax;

	ProposalQueue(int countMax, long bytesMax) {
		this.countMax = countMax;
		this.bytesMax = bytesMax;
	}

	/** Adds a proposal. Any thread. */
	Offer offer(Proposal proposal) {
		while (true) {
			Proposal below = this.top.get();
			if (below != null) {
				if (below == CLOSED) {
					return Offer.CLOSED;
				}
				proposal.waitingCount = below.waitingCount + 1;
				proposal.waitingBytes = below.waitingBytes + proposal.sizeBytes();
				if (proposal.waitingCount > this.countMax || proposal.waitingBytes > this.bytesMax) {
					return Offer.FULL;
				}
			}
			else {
				proposal.waitingCount = 1;
				proposal.waitingBytes = proposal.sizeBytes();
			}
			proposal.next = below;
			if (this.top.compareAndSet(below, proposal)) {
				return Offer.ACCEPTED;
			}
		}
	}

	/** Takes everything, oldest first; null when nothing waits or when closed. */
	@Nullable Proposal takeAll() {
		while (true) {
			Proposal taken = this.top.get();
			if (taken == null || taken == CLOSED) {
				return null;
			}
			if (this.top.compareAndSet(taken, null)) {
				return oldestFirst(taken);
			}
		}
	}

	/** Refuses all further proposals and takes those that wait, oldest first. */
	@Nullable Proposal close() {
		Proposal taken = this.top.getAndSet(CLOSED);
		return (taken != null && taken != CLOSED) ? oldestFirst(taken) : null;
	}

	boolean isClosed() {
		return this.top.get() == CLOSED;
	}

	private static @Nullable Proposal oldestFirst(Proposal newest) {
		Proposal before = null;
		Proposal proposal = newest;
		while (proposal != null) {
			Proposal older = proposal.next;
			proposal.next = before;
			before = proposal;
			proposal = older;
		}
		return before;
	}

	/** Belongs to the mark, which is never completed. */
	private static final class Unheard implements Completion {

		@Override
		public void done(com.google.protobuf.Message response) {
			throw new IllegalStateException("the mark was completed");
		}

		@Override
		public void failed(Throwable failure) {
			throw new IllegalStateException("the mark was completed", failure);
		}

	}

}
