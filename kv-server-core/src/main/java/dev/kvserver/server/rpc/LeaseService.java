package dev.kvserver.server.rpc;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.LeaseStatus;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kvserver.server.apply.SpaceCost;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.lease.Lease;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.loop.Clock;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * The Lease service: what changes leases goes through the log, what reads or renews them
 * asks the {@link Lessor}.
 */
public final class LeaseService extends LeaseGrpc.LeaseImplBase {

	/** An answer with more leases or keys than this is not made on the event loop. */
	private static final int SMALL_ANSWER_MAX = 1000;

	private final Lessor lessor;

	private final Proposer proposer;

	private final ResponseHeaders headers;

	private final Clock clock;

	private final SpaceQuota quota;

	private final Executor readers;

	private final Access access;

	/** The open keep-alive streams; as many as there are calls. */
	private final Set<KeepAliveStream> streams = ConcurrentHashMap.newKeySet();

	private volatile boolean draining;

	/**
	 * Makes the service.
	 * @param lessor the leases
	 * @param proposer the way into the log
	 * @param headers makes the headers
	 * @param clock the time leases are measured by
	 * @param quota what the store may take
	 * @param readers runs answers that are too large for the event loop; bounded, and may
	 * reject
	 * @param access asks about callers
	 */
	public LeaseService(Lessor lessor, Proposer proposer, ResponseHeaders headers, Clock clock, SpaceQuota quota,
			Executor readers, Access access) {
		this.lessor = lessor;
		this.proposer = proposer;
		this.headers = headers;
		this.clock = clock;
		this.quota = quota;
		this.readers = readers;
		this.access = access;
	}

	/**
	 * Ends all keep-alive streams with {@code STOPPED}, those to come included; their
	 * clients renew elsewhere. Any thread.
	 */
	public void drain() {
		this.draining = true;
		for (KeepAliveStream stream : this.streams) {
			stream.drain();
		}
	}

	/** How many keep-alive streams are open. */
	int openStreams() {
		return this.streams.size();
	}

	@Override
	public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
		Answer<LeaseGrantResponse> answer = new Answer<>(observer);
		Credentials caller = this.access.ofCall();
		grant(request, this.quota, (grant) -> this.access.propose(this.proposer, caller, grant, answer), answer);
	}

	/**
	 * Grants a lease, with an id picked at random if the request has none. The id must be
	 * in the log: applying must come to the same one everywhere. Any thread.
	 * @param request the request
	 * @param quota what the store may take
	 * @param proposer proposes in the caller's name, or refuses
	 * @param answer told a refusal
	 */
	public static void grant(LeaseGrantRequest request, SpaceQuota quota,
			Consumer<InternalRaftRequest.Builder> proposer, Completion answer) {
		try {
			quota.require(SpaceCost.LEASE);
			LeaseGrantRequest named = (request.getID() != 0) ? request : request.toBuilder().setID(randomId()).build();
			proposer.accept(InternalRaftRequest.newBuilder().setLeaseGrant(named));
		}
		catch (EtcdException ex) {
			answer.failed(ex);
		}
	}

	@Override
	public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
		Answer<LeaseRevokeResponse> answer = new Answer<>(observer);
		Attempt.now(answer, () -> this.access.propose(this.proposer, this.access.ofCall(),
				InternalRaftRequest.newBuilder().setLeaseRevoke(request), answer));
	}

	@Override
	public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
		KeepAliveStream stream = new KeepAliveStream(this.lessor, this.headers, this.clock,
				(ServerCallStreamObserver<LeaseKeepAliveResponse>) observer, this.streams::remove, this.access);
		this.streams.add(stream);
		stream.open();
		if (this.draining) {
			stream.drain();
		}
		return stream;
	}

	@Override
	public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
		Lease lease = this.lessor.find(request.getID());
		if (lease == null) {
			Message gone = LeaseTimeToLiveResponse.newBuilder()
				.setHeader(this.headers.current())
				.setID(request.getID())
				.setTTL(-1)
				.build();
			new Answer<>(observer).done(gone);
			return;
		}
		Credentials credentials = this.access.ofCall();
		int size = request.getKeys() ? lease.keyCount() : 0;
		answer(size, () -> {
			// Read once: what is answered is what was asked about.
			List<byte[]> keys = request.getKeys() ? lease.keys() : List.of();
			if (request.getKeys()) {
				this.access.checkKeys(credentials, keys);
			}
			return timeToLive(lease, keys);
		}, observer);
	}

	@Override
	public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
		Credentials credentials = this.access.ofCall();
		answer(this.lessor.count(), () -> {
			this.access.checkLeases(credentials, this.lessor.leases());
			return leases();
		}, observer);
	}

	private LeaseTimeToLiveResponse timeToLive(Lease lease, List<byte[]> keys) {
		LeaseTimeToLiveResponse.Builder response = LeaseTimeToLiveResponse.newBuilder()
			.setHeader(this.headers.current())
			.setID(lease.id())
			.setTTL(TimeUnit.NANOSECONDS.toSeconds(lease.remainingNanos(this.clock.nanoTime())))
			.setGrantedTTL(lease.ttlSeconds());
		for (byte[] key : keys) {
			response.addKeys(Bytes.wrap(key));
		}
		return response.build();
	}

	private LeaseLeasesResponse leases() {
		LeaseLeasesResponse.Builder response = LeaseLeasesResponse.newBuilder().setHeader(this.headers.current());
		for (long id : this.lessor.idsByRemaining(this.clock.nanoTime())) {
			response.addLeases(LeaseStatus.newBuilder().setID(id));
		}
		return response.build();
	}

	private <T extends Message> void answer(int size, Supplier<Message> maker, StreamObserver<T> observer) {
		Answer<T> answer = new Answer<>(observer);
		if (size <= SMALL_ANSWER_MAX) {
			Attempt.now(answer, () -> answer.done(maker.get()));
		}
		else {
			Attempt.on(this.readers, answer, () -> answer.done(maker.get()));
		}
	}

	private static long randomId() {
		long id;
		do {
			id = ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE;
		}
		while (id == 0);
		return id;
	}

}
