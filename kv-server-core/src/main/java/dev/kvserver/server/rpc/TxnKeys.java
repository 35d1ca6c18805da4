package dev.kvserver.server.rpc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.key.KeyRange;

/**
 * The keys that one branch of a txn puts and the ranges it deletes, with those of nested
 * txns. No key may be put twice, nor be put and deleted (etcd-contract section 2.7,
 * duplicate check).
 * <p>
 * Two quirks of etcd are kept: only deletes of the same level and of earlier nested txns
 * count against the puts of a nested txn; and a delete "from key on" conflicts with
 * nothing, because its end, one zero byte, is taken literally here.
 */
final class TxnKeys {

	private final Set<ByteString> puts = new HashSet<>();

	private final List<KeyRange> deletes = new ArrayList<>();

	private TxnKeys() {
	}

	static void check(TxnRequest request) {
		if (request.getSuccessCount() > 0) {
			of(request.getSuccessList());
		}
		if (request.getFailureCount() > 0) {
			of(request.getFailureList());
		}
	}

	private static TxnKeys of(List<RequestOp> ops) {
		TxnKeys keys = new TxnKeys();
		for (RequestOp op : ops) {
			if (op.hasRequestDeleteRange()) {
				keys.deletes.add(range(op.getRequestDeleteRange()));
			}
		}
		for (RequestOp op : ops) {
			if (op.hasRequestTxn()) {
				keys.addNested(of(op.getRequestTxn().getSuccessList()), of(op.getRequestTxn().getFailureList()));
			}
		}
		for (RequestOp op : ops) {
			if (op.hasRequestPut()) {
				keys.addPut(op.getRequestPut().getKey());
			}
		}
		return keys;
	}

	private static KeyRange range(DeleteRangeRequest request) {
		byte[] start = Bytes.of(request.getKey());
		return request.getRangeEnd().isEmpty() ? KeyRange.single(start)
				: KeyRange.between(start, Bytes.of(request.getRangeEnd()));
	}

	/** Either branch of a nested txn runs, never both: they may put the same key. */
	private void addNested(TxnKeys success, TxnKeys failure) {
		for (ByteString key : success.puts) {
			addPut(key);
		}
		for (ByteString key : failure.puts) {
			if (success.puts.contains(key)) {
				refuseIfDeleted(key);
			}
			else {
				addPut(key);
			}
		}
		this.deletes.addAll(success.deletes);
		this.deletes.addAll(failure.deletes);
	}

	private void addPut(ByteString key) {
		refuseIfDeleted(key);
		if (!this.puts.add(key)) {
			throw EtcdError.DUPLICATE_KEY.exception();
		}
	}

	private void refuseIfDeleted(ByteString key) {
		if (this.deletes.isEmpty()) {
			return;
		}
		byte[] bytes = Bytes.of(key);
		for (KeyRange range : this.deletes) {
			if (range.contains(bytes)) {
				throw EtcdError.DUPLICATE_KEY.exception();
			}
		}
	}

}
