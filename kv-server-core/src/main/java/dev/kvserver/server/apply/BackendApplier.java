package dev.kvserver.server.apply;

import java.util.List;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.EmptyResponse;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseExpireRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.MemberUpdateResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.Lease;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.mvcc.KeyIndex;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.WriteTxn;
import org.jspecify.annotations.Nullable;

/**
 * Carries a committed request out on store and leases. It reads no clock and no random
 * source: replaying the log gives the same state. Apply thread only.
 */
final class BackendApplier implements Applier {

	private final MvccStore store;

	private final Lessor lessor;

	private final AlarmStore alarms;

	private final Membership membership;

	private final AuthRequests auth;

	private final TxnApplier txns;

	BackendApplier(ServerState state, AuthRequests auth) {
		this.store = state.store();
		this.lessor = state.lessor();
		this.alarms = state.alarms();
		this.membership = state.membership();
		this.auth = auth;
		this.txns = new TxnApplier(state.lessor());
	}

	@Override
	public Message.@Nullable Builder apply(InternalRaftRequest request, @Nullable PhysicalCompaction waiting) {
		if (request.hasPut()) {
			WriteTxn txn = this.store.begin();
			Message.Builder response = this.txns.put(txn, request.getPut());
			txn.end();
			return response;
		}
		if (request.hasTxn()) {
			WriteTxn txn = this.store.begin();
			Message.Builder response = this.txns.apply(txn, request.getTxn());
			txn.end();
			return response;
		}
		if (request.hasDeleteRange()) {
			WriteTxn txn = this.store.begin();
			Message.Builder response = this.txns.deleteRange(txn, request.getDeleteRange());
			txn.end();
			return response;
		}
		if (request.hasLeaseGrant()) {
			return grant(request.getLeaseGrant());
		}
		if (request.hasLeaseRevoke()) {
			return revoke(request.getLeaseRevoke());
		}
		if (request.hasLeaseExpire()) {
			return expire(request.getLeaseExpire());
		}
		if (request.hasAlarm()) {
			return AlarmResponse.newBuilder()
				.setHeader(header())
				.addAllAlarms(this.alarms.apply(request.getAlarm(), this.store.batch()));
		}
		if (request.hasDowngradeInfoSet()) {
			this.membership.downgrade(request.getDowngradeInfoSet(), this.store.batch());
			return EmptyResponse.newBuilder();
		}
		if (request.hasMemberUpdate()) {
			this.membership.update(request.getMemberUpdate(), this.store.batch());
			return MemberUpdateResponse.newBuilder().setHeader(header());
		}
		if (request.hasCompaction()) {
			return compact(request.getCompaction(), waiting);
		}
		Message.Builder response = this.auth.apply(request);
		if (response != null) {
			return response;
		}
		throw new IllegalStateException("request: " + request.getAllFields().keySet() + " (expected: a known one)");
	}

	private LeaseGrantResponse.Builder grant(LeaseGrantRequest request) {
		Lease lease = this.lessor.grant(request.getID(), request.getTTL(), this.store.batch());
		return LeaseGrantResponse.newBuilder().setHeader(header()).setID(lease.id()).setTTL(lease.ttlSeconds());
	}

	private LeaseRevokeResponse.Builder revoke(LeaseRevokeRequest request) {
		revoke(request.getID());
		return LeaseRevokeResponse.newBuilder().setHeader(header());
	}

	/** Deletes the keys of a lease in one revision. */
	private void revoke(long id) {
		List<byte[]> keys = this.lessor.revoke(id, this.store.batch());
		WriteTxn txn = this.store.begin();
		for (int i = 0; i < keys.size(); i++) {
			txn.noteDelete();
			KeyIndex key = txn.find(keys.get(i));
			if (key != null) {
				txn.delete(key);
			}
		}
		txn.end();
	}

	/** Revokes leases that have expired; one that is gone already is fine. */
	private LeaseRevokeResponse.Builder expire(LeaseExpireRequest request) {
		for (int i = 0; i < request.getIDsCount(); i++) {
			if (this.lessor.exists(request.getIDs(i))) {
				revoke(request.getIDs(i));
				this.lessor.metrics().expired().increment();
			}
		}
		return LeaseRevokeResponse.newBuilder().setHeader(header());
	}

	private CompactionResponse.@Nullable Builder compact(CompactionRequest request,
			@Nullable PhysicalCompaction waiting) throws EtcdException {
		CompactionResponse.Builder response = CompactionResponse.newBuilder().setHeader(header());
		if (!request.getPhysical() || waiting == null) {
			this.store.compact(request.getRevision(), null);
			return response;
		}
		this.store.compact(request.getRevision(), () -> waiting.finished(response));
		return null;
	}

	private ResponseHeader.Builder header() {
		return ResponseHeader.newBuilder().setRevision(this.store.revision());
	}

}
