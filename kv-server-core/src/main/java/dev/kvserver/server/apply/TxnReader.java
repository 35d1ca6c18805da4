package dev.kvserver.server.apply;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.ResponseOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.mvcc.TxnRead;

/**
 * Answers transactions that only read, which need not go through the log.
 */
public final class TxnReader {

	private TxnReader() {
	}

	/**
	 * Whether a txn only reads: every operation of both branches is a range. An empty txn
	 * does, one with a nested txn does not.
	 * @param request the txn
	 * @return {@code true} if it may skip the log
	 */
	public static boolean isReadOnly(TxnRequest request) {
		return allRanges(request.getSuccessList(), false) && allRanges(request.getFailureList(), false);
	}

	/**
	 * Whether a read-only txn needs no read barrier: all its ranges are serializable.
	 * @param request the txn, read-only
	 * @return {@code true} if it may be answered from what this node has
	 */
	public static boolean isSerializable(TxnRequest request) {
		return allRanges(request.getSuccessList(), true) && allRanges(request.getFailureList(), true);
	}

	private static boolean allRanges(List<RequestOp> ops, boolean serializable) {
		for (int i = 0; i < ops.size(); i++) {
			RequestOp op = ops.get(i);
			if (!op.hasRequestRange() || (serializable && !op.getRequestRange().getSerializable())) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Answers a read-only txn.
	 * @param txn what to read
	 * @param request the txn, valid and read-only
	 * @return the answer, with the revision in its header
	 * @throws dev.kvserver.server.error.EtcdException {@code COMPACTED} or
	 * {@code FUTURE_REV}
	 */
	public static TxnResponse.Builder read(TxnRead txn, TxnRequest request) {
		boolean succeeded = TxnCompare.allHold(txn, request.getCompareList());
		List<RequestOp> ops = succeeded ? request.getSuccessList() : request.getFailureList();
		for (int i = 0; i < ops.size(); i++) {
			checkRange(txn, ops.get(i).getRequestRange());
		}
		TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(succeeded);
		for (int i = 0; i < ops.size(); i++) {
			response.addResponses(ResponseOp.newBuilder().setResponseRange(txn.range(ops.get(i).getRequestRange())));
		}
		return response.setHeader(ResponseHeader.newBuilder().setRevision(txn.revision()));
	}

	static void checkRange(TxnRead txn, RangeRequest request) {
		long revision = request.getRevision();
		if (revision > txn.revision()) {
			throw EtcdError.FUTURE_REV.exception();
		}
		if (revision != 0 && revision < txn.compactRevision()) {
			throw EtcdError.COMPACTED.exception();
		}
	}

}
