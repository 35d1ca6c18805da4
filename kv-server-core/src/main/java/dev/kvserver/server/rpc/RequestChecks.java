package dev.kvserver.server.rpc;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.error.EtcdError;

/**
 * What a request must satisfy by itself, before any state is asked (etcd-contract
 * sections 2.3 to 2.7). Each check throws the error that etcd answers.
 */
final class RequestChecks {

	private final int txnOpsMax;

	/** Takes the number of operations that a txn may have. */
	RequestChecks(int txnOpsMax) {
		this.txnOpsMax = txnOpsMax;
	}

	static void check(RangeRequest request) {
		if (request.getKey().isEmpty()) {
			throw EtcdError.EMPTY_KEY.exception();
		}
		if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
				|| request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
			throw EtcdError.INVALID_SORT_OPTION.exception();
		}
	}

	static void check(PutRequest request) {
		if (request.getKey().isEmpty()) {
			throw EtcdError.EMPTY_KEY.exception();
		}
		if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
			throw EtcdError.VALUE_PROVIDED.exception();
		}
		if (request.getIgnoreLease() && request.getLease() != 0) {
			throw EtcdError.LEASE_PROVIDED.exception();
		}
	}

	static void check(DeleteRangeRequest request) {
		if (request.getKey().isEmpty()) {
			throw EtcdError.EMPTY_KEY.exception();
		}
	}

	void check(TxnRequest request) {
		check(request, this.txnOpsMax);
		TxnKeys.check(request);
	}

	private static void check(TxnRequest request, int opsMax) {
		int ops = Math.max(request.getCompareCount(), Math.max(request.getSuccessCount(), request.getFailureCount()));
		if (ops > opsMax) {
			throw EtcdError.TOO_MANY_OPS.exception();
		}
		for (Compare compare : request.getCompareList()) {
			if (compare.getKey().isEmpty()) {
				throw EtcdError.EMPTY_KEY.exception();
			}
		}
		check(request.getSuccessList(), opsMax - ops);
		check(request.getFailureList(), opsMax - ops);
	}

	private static void check(List<RequestOp> ops, int opsMax) {
		for (RequestOp op : ops) {
			switch (op.getRequestCase()) {
				case REQUEST_RANGE -> check(op.getRequestRange());
				case REQUEST_PUT -> check(op.getRequestPut());
				case REQUEST_DELETE_RANGE -> check(op.getRequestDeleteRange());
				case REQUEST_TXN -> check(op.getRequestTxn(), opsMax);
				case REQUEST_NOT_SET -> throw EtcdError.KEY_NOT_FOUND.exception();
			}
		}
	}

}
