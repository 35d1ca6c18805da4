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
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.rpc.Access;
import dev.kvserver.server.rpc.LeaseService;
import dev.kvserver.server.rpc.ResponseHeaders;

/** The lease calls of the embedded store. */
final class EmbeddedLeases {

	private final Lessor lessor;

	private final Proposer proposer;

	private final ResponseHeaders headers;

	private final Clock clock;

	private final SpaceQuota quota;

	private final Access access;

	private final Credentials caller;

	EmbeddedLeases(Lessor lessor, Proposer proposer, ResponseHeaders headers, Clock clock, SpaceQuota quota,
			Access access, Credentials caller) {
		this.lessor = lessor;
		this.proposer = proposer;
		this.headers = headers;
		this.clock = clock;
		this.quota = quota;
		this.access = access;
		this.caller = caller;
	}

	CompletableFuture<LeaseGrantResponse> grant(LeaseGrantRequest request) {
		FutureCompletion<LeaseGrantResponse> future = new FutureCompletion<>(LeaseGrantResponse.class);
		LeaseService.grant(request, this.quota, (granted) -> propose(granted, future), future);
		return future.future();
	}

	CompletableFuture<LeaseRevokeResponse> revoke(LeaseRevokeRequest request) {
		FutureCompletion<LeaseRevokeResponse> future = new FutureCompletion<>(LeaseRevokeResponse.class);
		propose(InternalRaftRequest.newBuilder().setLeaseRevoke(request), future);
		return future.future();
	}

	private void propose(InternalRaftRequest.Builder request, Completion completion) {
		try {
			this.access.checkUser(this.caller);
			this.access.propose(this.proposer, this.caller, request, completion);
		}
		catch (EtcdException ex) {
			completion.failed(ex);
		}
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
