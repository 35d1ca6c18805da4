package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.proto.v3electionpb.LeaderRequest;
import dev.kvserver.proto.v3electionpb.LeaderResponse;

/** Asks who leads. */
final class LeaderCall extends CoordinationCall<LeaderResponse> {

	private final LeaderRequest request;

	LeaderCall(CallerStore store, OpenCalls calls, LeaderRequest request) {
		super(store, calls);
		this.request = request;
	}

	@Override
	CompletableFuture<LeaderResponse> run() {
		return store().range(Keys.oldest(Keys.prefix(this.request.getName()))).thenApply((found) -> {
			if (found.getKvsCount() == 0) {
				throw CoordinationException.noLeader();
			}
			return LeaderResponse.newBuilder().setHeader(found.getHeader()).setKv(found.getKvs(0)).build();
		});
	}

}
