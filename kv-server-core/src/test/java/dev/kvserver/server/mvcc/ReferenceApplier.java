package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.ResponseOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.error.EtcdError;

/** Carries requests out on a {@link ReferenceStore}, again by the letter. */
final class ReferenceApplier {

	private final ReferenceStore store;

	private final long minTtlSeconds;

	/** Lease id to TTL. */
	private final Map<Long, Long> leases = new TreeMap<>();

	ReferenceApplier(ReferenceStore store, long minTtlSeconds) {
		this.store = store;
		this.minTtlSeconds = minTtlSeconds;
	}

	/** Throws what the client gets. */
	Message apply(InternalRaftRequest request) {
		if (request.hasPut()) {
			checkPut(this.store.now(), request.getPut());
			return end(put(request.getPut()).build());
		}
		if (request.hasDeleteRange()) {
			return end(delete(request.getDeleteRange()).build());
		}
		if (request.hasTxn()) {
			return end(txn(request.getTxn()));
		}
		if (request.hasLeaseGrant()) {
			return grant(request.getLeaseGrant().getID(), request.getLeaseGrant().getTTL());
		}
		if (request.hasLeaseRevoke()) {
			return revoke(request.getLeaseRevoke().getID());
		}
		if (request.hasLeaseExpire()) {
			request.getLeaseExpire().getIDsList().stream().filter(this.leases::containsKey).forEach(this::revoke);
			return LeaseRevokeResponse.newBuilder().setHeader(header()).build();
		}
		this.store.compact(request.getCompaction().getRevision());
		return CompactionResponse.newBuilder().setHeader(header()).build();
	}

	private Message end(Message response) {
		this.store.end();
		return response;
	}

	private ResponseHeader header() {
		return ResponseHeader.newBuilder().setRevision(this.store.revision()).build();
	}

	private Message grant(long id, long ttl) {
		if (this.leases.containsKey(id)) {
			throw EtcdError.LEASE_EXISTS.exception();
		}
		this.leases.put(id, Math.max(this.minTtlSeconds, ttl));
		return LeaseGrantResponse.newBuilder().setHeader(header()).setID(id).setTTL(this.leases.get(id)).build();
	}

	private Message revoke(long id) {
		if (this.leases.remove(id) == null) {
			throw EtcdError.LEASE_NOT_FOUND.exception();
		}
		this.store.now()
			.values()
			.stream()
			.filter((kv) -> kv.getLease() == id)
			.forEach((kv) -> this.store.delete(kv.getKey()));
		this.store.end();
		return LeaseRevokeResponse.newBuilder().setHeader(header()).build();
	}

	private PutResponse.Builder put(PutRequest request) {
		KeyValue before = this.store.now().get(request.getKey());
		ByteString value = request.getValue();
		long lease = request.getLease();
		PutResponse.Builder response = PutResponse.newBuilder();
		if (before != null) {
			value = request.getIgnoreValue() ? before.getValue() : value;
			lease = request.getIgnoreLease() ? before.getLease() : lease;
			if (request.getPrevKv()) {
				response.setPrevKv(before);
			}
		}
		this.store.put(request.getKey(), value, lease);
		return response.setHeader(header());
	}

	private DeleteRangeResponse.Builder delete(DeleteRangeRequest request) {
		List<KeyValue> found = ReferenceStore.inRange(this.store.now(), request.getKey(), request.getRangeEnd());
		found.forEach((kv) -> this.store.delete(kv.getKey()));
		DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder()
			.setHeader(header())
			.setDeleted(found.size());
		return request.getPrevKv() ? response.addAllPrevKvs(found) : response;
	}

	/** Also answers txns that only read. */
	TxnResponse txn(TxnRequest request) {
		SortedMap<ByteString, KeyValue> before = this.store.now();
		List<Boolean> path = new ArrayList<>();
		choose(before, request, path);
		check(before, request, new ArrayList<>(path));
		TxnResponse.Builder response = execute(request, path);
		return response.setHeader(header()).build();
	}

	/** Which branches are taken, in the order in which they are met. */
	private static void choose(SortedMap<ByteString, KeyValue> state, TxnRequest request, List<Boolean> path) {
		boolean succeeded = request.getCompareList().stream().allMatch((compare) -> holds(state, compare));
		path.add(succeeded);
		for (RequestOp op : ops(request, succeeded)) {
			if (op.hasRequestTxn()) {
				choose(state, op.getRequestTxn(), path);
			}
		}
	}

	private static List<RequestOp> ops(TxnRequest request, boolean succeeded) {
		return succeeded ? request.getSuccessList() : request.getFailureList();
	}

	private static boolean holds(SortedMap<ByteString, KeyValue> state, Compare compare) {
		List<KeyValue> found = ReferenceStore.inRange(state, compare.getKey(), compare.getRangeEnd());
		if (found.isEmpty()) {
			return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
		}
		return found.stream().allMatch((kv) -> holds(compare, kv));
	}

	private static boolean holds(Compare compare, KeyValue kv) {
		int order = switch (compare.getTarget()) {
			case VERSION -> Long.compare(kv.getVersion(), compare.getVersion());
			case CREATE -> Long.compare(kv.getCreateRevision(), compare.getCreateRevision());
			case MOD -> Long.compare(kv.getModRevision(), compare.getModRevision());
			case LEASE -> Long.compare(kv.getLease(), compare.getLease());
			case VALUE, UNRECOGNIZED ->
				ByteString.unsignedLexicographicalComparator().compare(kv.getValue(), compare.getValue());
		};
		return switch (compare.getResult()) {
			case EQUAL -> order == 0;
			case NOT_EQUAL -> order != 0;
			case GREATER -> order > 0;
			case LESS -> order < 0;
			case UNRECOGNIZED -> true;
		};
	}

	private void check(SortedMap<ByteString, KeyValue> state, TxnRequest request, List<Boolean> path) {
		for (RequestOp op : ops(request, path.remove(0))) {
			if (op.hasRequestRange()) {
				checkRange(op.getRequestRange());
			}
			else if (op.hasRequestPut()) {
				checkPut(state, op.getRequestPut());
			}
			else if (op.hasRequestTxn()) {
				check(state, op.getRequestTxn(), path);
			}
		}
	}

	private void checkRange(RangeRequest request) {
		if (request.getRevision() > this.store.revision()) {
			throw EtcdError.FUTURE_REV.exception();
		}
		if (request.getRevision() != 0 && request.getRevision() < this.store.compactRevision()) {
			throw EtcdError.COMPACTED.exception();
		}
	}

	private void checkPut(SortedMap<ByteString, KeyValue> state, PutRequest request) {
		if (request.getLease() != 0 && !this.leases.containsKey(request.getLease())) {
			throw EtcdError.LEASE_NOT_FOUND.exception();
		}
		if ((request.getIgnoreValue() || request.getIgnoreLease()) && !state.containsKey(request.getKey())) {
			throw EtcdError.KEY_NOT_FOUND.exception();
		}
	}

	private TxnResponse.Builder execute(TxnRequest request, List<Boolean> path) {
		boolean succeeded = path.remove(0);
		TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(succeeded);
		for (RequestOp op : ops(request, succeeded)) {
			ResponseOp.Builder answer = response.addResponsesBuilder();
			switch (op.getRequestCase()) {
				case REQUEST_RANGE -> answer.setResponseRange(this.store.range(op.getRequestRange()));
				case REQUEST_PUT -> answer.setResponsePut(put(op.getRequestPut()));
				case REQUEST_DELETE_RANGE -> answer.setResponseDeleteRange(delete(op.getRequestDeleteRange()));
				case REQUEST_TXN -> answer
					.setResponseTxn(execute(op.getRequestTxn(), path).setHeader(ResponseHeader.getDefaultInstance()));
				case REQUEST_NOT_SET -> {
				}
			}
		}
		return response;
	}

}
