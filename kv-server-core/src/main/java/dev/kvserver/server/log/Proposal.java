package dev.kvserver.server.log;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way into the log, and at the same time the link of the queue in which
 * it waits.
 */
final class Proposal {

	private final InternalRaftRequest request;

	private final Completion completion;

	private final int sizeBytes;

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
	 */
	Proposal(InternalRaftRequest request, Completion completion) {
		this.request = request;
		this.completion = completion;
		// Protobuf keeps the size it computes, and encoding needs it again.
		this.sizeBytes = request.getSerializedSize();
		this.waitingBytes = this.sizeBytes;
	}

	InternalRaftRequest request() {
		return this.request;
	}

	Completion completion() {
		return this.completion;
	}

	int sizeBytes() {
		return this.sizeBytes;
	}

}
