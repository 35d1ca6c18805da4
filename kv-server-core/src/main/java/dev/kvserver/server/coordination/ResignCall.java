package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.proto.v3electionpb.ResignRequest;
import dev.kvserver.proto.v3electionpb.ResignResponse;

/** Gives leadership, or a candidacy, up. */
final class ResignCall extends CoordinationCall<ResignResponse> {

	private final ResignRequest request;

	ResignCall(CallerStore store, OpenCalls calls, ResignRequest request) {
		super(store, calls);
		this.request = request;
	}

	@Override
	CompletableFuture<ResignResponse> run() {
		if (!this.request.hasLeader()) {
			return CompletableFuture.failedFuture(CoordinationException.noLeaderKey());
		}
		return session(this.request.getLeader().getLease())
			.thenCompose((lease) -> Candidacy.resign(store(), this.request.getLeader()))
			.thenApply((header) -> ResignResponse.newBuilder().setHeader(header).build());
	}

}
