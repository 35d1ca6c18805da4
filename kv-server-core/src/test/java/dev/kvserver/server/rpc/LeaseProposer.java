package dev.kvserver.server.rpc;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.Lease;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.WriteBatch;

/**
 * A log of no length and a store of no keys: carries lease requests out at once, one
 * after the other, on the proposing thread.
 */
final class LeaseProposer implements Proposer {

	private final MemoryStorage storage = new MemoryStorage();

	private final Lessor lessor;

	private final AtomicLong revision = new AtomicLong(1);

	LeaseProposer(Lessor lessor) {
		this.lessor = lessor;
	}

	long revision() {
		return this.revision.get();
	}

	@Override
	public synchronized void propose(InternalRaftRequest request, Completion completion) {
		WriteBatch batch = this.storage.newBatch();
		try {
			Message response = apply(request, batch);
			this.storage.write(batch);
			this.lessor.publish();
			completion.done(response);
		}
		catch (EtcdException ex) {
			completion.failed(ex);
		}
	}

	/** Attaches a key, as a put would. */
	synchronized void put(long lease, byte[] key) {
		this.lessor.attach(lease, key);
		this.revision.incrementAndGet();
		this.lessor.publish();
	}

	private Message apply(InternalRaftRequest request, WriteBatch batch) {
		if (request.hasLeaseGrant()) {
			Lease lease = this.lessor.grant(request.getLeaseGrant().getID(), request.getLeaseGrant().getTTL(), batch);
			return LeaseGrantResponse.newBuilder()
				.setHeader(header())
				.setID(lease.id())
				.setTTL(lease.ttlSeconds())
				.build();
		}
		List<Long> ids = request.hasLeaseRevoke() ? List.of(request.getLeaseRevoke().getID())
				: request.getLeaseExpire().getIDsList();
		for (long id : ids) {
			if (!this.lessor.revoke(id, batch).isEmpty()) {
				this.revision.incrementAndGet();
			}
		}
		return LeaseRevokeResponse.newBuilder().setHeader(header()).build();
	}

	private ResponseHeader header() {
		return ResponseHeader.newBuilder().setRevision(revision()).build();
	}

}
