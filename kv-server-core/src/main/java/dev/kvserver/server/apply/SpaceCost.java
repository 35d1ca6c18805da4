package dev.kvserver.server.apply;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;

/**
 * What a request may take of the space quota, in bytes; 0 for what takes nothing
 * (etcd-contract sections 2.5, 2.7 and 2.10).
 */
public final class SpaceCost {

	/** What a lease grant costs. */
	public static final long LEASE = 64;

	private static final long KEY_OVERHEAD = 256;

	private SpaceCost() {
	}

	/**
	 * The cost of a put.
	 * @param request the request
	 * @return bytes, above 0
	 */
	public static long of(PutRequest request) {
		return KEY_OVERHEAD + request.getKey().size() + request.getValue().size();
	}

	/**
	 * The cost of the more expensive branch of a txn.
	 * @param request the request
	 * @return bytes, 0 if it puts nothing
	 */
	public static long of(TxnRequest request) {
		return Math.max(of(request.getSuccessList()), of(request.getFailureList()));
	}

	private static long of(List<RequestOp> ops) {
		long cost = 0;
		for (int i = 0; i < ops.size(); i++) {
			RequestOp op = ops.get(i);
			if (op.hasRequestPut()) {
				cost += of(op.getRequestPut());
			}
			else if (op.hasRequestTxn()) {
				cost += of(op.getRequestTxn());
			}
		}
		return cost;
	}

	static long of(InternalRaftRequest request) {
		if (request.hasPut()) {
			return of(request.getPut());
		}
		if (request.hasTxn()) {
			return of(request.getTxn());
		}
		return request.hasLeaseGrant() ? LEASE : 0;
	}

}
