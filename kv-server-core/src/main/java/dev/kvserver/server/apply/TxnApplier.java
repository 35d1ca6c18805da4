package dev.kvserver.server.apply;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.ResponseOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.mvcc.KeyIndex;
import dev.kvserver.server.mvcc.TxnRead;
import dev.kvserver.server.mvcc.WriteTxn;
import org.jspecify.annotations.Nullable;

/**
 * Executes transactions and the single operations they are made of (etcd-contract
 * sections 2.5 to 2.7).
 * <p>
 * A transaction cannot be rolled back, so it runs in three passes: all compares are
 * evaluated on the state before it, which fixes the branches; everything that could fail
 * on these branches is checked on that state too; then the operations run in order and
 * cannot fail any more. Answers to etcd's {@code txn/txn.go}.
 */
final class TxnApplier {

	private final Lessor lessor;

	TxnApplier(Lessor lessor) {
		this.lessor = lessor;
	}

	/** Executes a txn. */
	TxnResponse.Builder apply(WriteTxn txn, TxnRequest request) {
		Branch path = choose(txn, request);
		check(txn, path);
		// For etcd what was read so far was a transaction of its own.
		txn.noteEnd();
		TxnResponse.Builder response = execute(txn, path);
		return response.setHeader(header(txn.revision()));
	}

	/** A chosen branch, and the choices of the txns nested in it, in order. */
	private record Branch(boolean succeeded, List<RequestOp> ops, List<Branch> nested) {
	}

	private static Branch choose(TxnRead txn, TxnRequest request) {
		boolean succeeded = TxnCompare.allHold(txn, request.getCompareList());
		List<RequestOp> ops = succeeded ? request.getSuccessList() : request.getFailureList();
		List<Branch> nested = List.of();
		for (int i = 0; i < ops.size(); i++) {
			RequestOp op = ops.get(i);
			if (op.hasRequestTxn()) {
				nested = nested.isEmpty() ? new ArrayList<>() : nested;
				nested.add(choose(txn, op.getRequestTxn()));
			}
		}
		return new Branch(succeeded, ops, nested);
	}

	private void check(WriteTxn txn, Branch branch) {
		int nested = 0;
		for (int i = 0; i < branch.ops.size(); i++) {
			RequestOp op = branch.ops.get(i);
			switch (op.getRequestCase()) {
				case REQUEST_RANGE -> TxnReader.checkRange(txn, op.getRequestRange());
				case REQUEST_PUT -> {
					checkLease(op.getRequestPut());
					noteRead(txn, op.getRequestPut());
					checkKey(txn, op.getRequestPut());
				}
				case REQUEST_TXN -> check(txn, branch.nested.get(nested++));
				case REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> {
				}
			}
		}
	}

	private void checkLease(PutRequest request) {
		if (request.getLease() != 0 && !this.lessor.exists(request.getLease())) {
			throw EtcdError.LEASE_NOT_FOUND.exception();
		}
	}

	/** A put that looks at what was there before counts as a read, too. */
	private static void noteRead(TxnRead txn, PutRequest request) {
		if (request.getIgnoreValue() || request.getIgnoreLease() || request.getPrevKv()) {
			txn.noteRange();
		}
	}

	private static void checkKey(TxnRead txn, PutRequest request) {
		if ((request.getIgnoreValue() || request.getIgnoreLease()) && txn.find(Bytes.of(request.getKey())) == null) {
			throw EtcdError.KEY_NOT_FOUND.exception();
		}
	}

	private TxnResponse.Builder execute(WriteTxn txn, Branch branch) {
		TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(branch.succeeded);
		int nested = 0;
		for (int i = 0; i < branch.ops.size(); i++) {
			RequestOp op = branch.ops.get(i);
			ResponseOp.Builder answer = ResponseOp.newBuilder();
			switch (op.getRequestCase()) {
				case REQUEST_RANGE -> answer.setResponseRange(txn.range(op.getRequestRange()));
				case REQUEST_PUT -> {
					noteRead(txn, op.getRequestPut());
					answer.setResponsePut(executePut(txn, op.getRequestPut()));
				}
				case REQUEST_DELETE_RANGE ->
					answer.setResponseDeleteRange(deleteRange(txn, op.getRequestDeleteRange()));
				case REQUEST_TXN -> answer.setResponseTxn(
						execute(txn, branch.nested.get(nested++)).setHeader(ResponseHeader.getDefaultInstance()));
				case REQUEST_NOT_SET -> {
				}
			}
			response.addResponses(answer);
		}
		return response;
	}

	/** Checks and executes a put. */
	PutResponse.Builder put(WriteTxn txn, PutRequest request) {
		checkLease(request);
		noteRead(txn, request);
		checkKey(txn, request);
		return executePut(txn, request);
	}

	private PutResponse.Builder executePut(WriteTxn txn, PutRequest request) {
		byte[] key = Bytes.of(request.getKey());
		byte[] value = Bytes.of(request.getValue());
		long lease = request.getLease();
		PutResponse.Builder response = PutResponse.newBuilder();
		if (request.getIgnoreValue() || request.getIgnoreLease() || request.getPrevKv()) {
			KeyIndex before = txn.find(key);
			if (before != null) {
				value = request.getIgnoreValue() ? Bytes.of(txn.keyValue(before).getValue()) : value;
				lease = request.getIgnoreLease() ? before.lease() : lease;
				if (request.getPrevKv()) {
					response.setPrevKv(txn.keyValue(before));
				}
			}
		}
		KeyIndex replaced = txn.put(key, value, lease);
		moveAttachment(key, replaced, lease);
		return response.setHeader(header(txn.revision()));
	}

	private void moveAttachment(byte[] key, @Nullable KeyIndex replaced, long lease) {
		long before = (replaced != null) ? replaced.lease() : 0;
		if (before != lease) {
			this.lessor.detach(before, key);
			this.lessor.attach(lease, key);
		}
	}

	/** Executes a delete. */
	DeleteRangeResponse.Builder deleteRange(WriteTxn txn, DeleteRangeRequest request) {
		txn.noteDelete();
		if (request.getPrevKv()) {
			txn.noteRange();
		}
		List<KeyIndex> found = txn.findAll(KeyRange.of(request.getKey(), request.getRangeEnd()));
		DeleteRangeResponse.Builder response = DeleteRangeResponse.newBuilder().setDeleted(found.size());
		for (int i = 0; i < found.size(); i++) {
			KeyIndex key = found.get(i);
			if (request.getPrevKv()) {
				response.addPrevKvs(txn.keyValue(key));
			}
			this.lessor.detach(key.lease(), key.key());
			txn.delete(key);
		}
		return response.setHeader(header(txn.revision()));
	}

	static ResponseHeader.Builder header(long revision) {
		return ResponseHeader.newBuilder().setRevision(revision);
	}

}
