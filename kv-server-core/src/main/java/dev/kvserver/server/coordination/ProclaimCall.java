package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.proto.v3electionpb.ProclaimRequest;
import dev.kvserver.proto.v3electionpb.ProclaimResponse;

/** Changes the value of a leader, or of a candidate. */
final class ProclaimCall extends CoordinationCall<ProclaimResponse> {

	private final ProclaimRequest request;

	ProclaimCall(CallerStore store, OpenCalls calls, ProclaimRequest request) {
		super(store, calls);
		this.request = request;
	}

	@Override
	CompletableFuture<ProclaimResponse> run() {
		if (!this.request.hasLeader()) {
			return CompletableFuture.failedFuture(CoordinationException.noLeaderKey());
		}
		return session(this.request.getLeader().getLease())
			.thenCompose((lease) -> Candidacy.proclaim(store(),
					this.request.getLeader().toBuilder().setLease(lease).build(), this.request.getValue()))
			.thenApply((header) -> ProclaimResponse.newBuilder().setHeader(header).build());
	}

}
