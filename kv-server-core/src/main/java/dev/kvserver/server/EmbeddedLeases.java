package dev.kvserver.server;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.rpc.LeaseService;
import dev.kvserver.server.rpc.ResponseHeaders;

/** The lease calls of the embedded store. */
final class EmbeddedLeases {

	private final Lessor lessor;

	private final Proposer proposer;

	private final ResponseHeaders headers;

	private final Clock clock;

	private final SpaceQuota quota;

	EmbeddedLeases(Lessor lessor, Proposer proposer, ResponseHeaders headers, Clock clock, SpaceQuota quota) {
		this.lessor = lessor;
		this.proposer = proposer;
		this.headers = headers;
		this.clock = clock;
		this.quota = quota;
	}

	CompletableFuture<LeaseGrantResponse> grant(LeaseGrantRequest request) {
		FutureCompletion<LeaseGrantResponse> future = new FutureCompletion<>(LeaseGrantResponse.class);
		LeaseService.grant(request, this.quota, this.proposer, future);
		return future.future();
	}

	CompletableFuture<LeaseRevokeResponse> revoke(LeaseRevokeRequest request) {
		FutureCompletion<LeaseRevokeResponse> future = new FutureCompletion<>(LeaseRevokeResponse.class);
		this.proposer.propose(InternalRaftRequest.newBuilder().setLeaseRevoke(request).build(), future);
		return future.future();
	}

	/** As over gRPC, the header is from before the renewal. */
	CompletableFuture<LeaseKeepAliveResponse> keepAlive(long id) {
		CompletableFuture<LeaseKeepAliveResponse> future = new CompletableFuture<>();
		LeaseKeepAliveResponse.Builder response = LeaseKeepAliveResponse.newBuilder().setHeader(header()).setID(id);
		long ttl = this.lessor.renew(id, this.clock.nanoTime(), () -> future.complete(response.build()));
		if (ttl != Lessor.EXPIRING) {
			future.complete(response.setTTL(ttl).build());
		}
		return future;
	}

	private ResponseHeader header() {
		return this.headers.current();
	}

}
