package dev.kvserver.conformance.history;

import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;

/**
 * Transactions: nested, with comparisons of ranges, of every target, with conflicts and
 * with too many operations.
 */
final class TxnRequests {

	private static final int DEPTH_MAX = 3;

	private static final int OPERATIONS_MAX = 128;

	private static final List<Integer> INVALID_ENUMS = List.of(-1, 5, 17);

	private final Dice dice;

	private final HistoryState state;

	private final KvRequests kv;

	/**
	 * Whether puts of this transaction may keep a value; else its deletions may have no
	 * end. etcd does not see the conflict of a put with a deletion without end, and never
	 * starts again after a put that was to keep what the same transaction has deleted.
	 */
	private boolean keepsValues;

	TxnRequests(Dice dice, HistoryState state, KvRequests kv) {
		this.dice = dice;
		this.state = state;
		this.kv = kv;
	}

	TxnRequest txn() {
		this.keepsValues = this.dice.chance(50);
		return (this.dice.below(80) == 0) ? wide() : txn(1);
	}

	private TxnRequest txn(int depth) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		int compares = this.dice.below(3);
		for (int i = 0; i < compares; i++) {
			txn.addCompare(compare());
		}
		boolean readOnly = this.dice.chance(20);
		addOperations(txn, true, depth, readOnly);
		addOperations(txn, false, depth, readOnly);
		return txn.build();
	}

	private void addOperations(TxnRequest.Builder txn, boolean success, int depth, boolean readOnly) {
		int operations = this.dice.below(4);
		for (int i = 0; i < operations; i++) {
			RequestOp operation = readOnly ? range() : operation(depth);
			if (success) {
				txn.addSuccess(operation);
			}
			else {
				txn.addFailure(operation);
			}
		}
	}

	/**
	 * As many operations as are allowed, or one more; the limit of a nested one shrinks.
	 */
	private TxnRequest wide() {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		int count = OPERATIONS_MAX + (this.dice.chance(50) ? 0 : 1);
		boolean nested = this.dice.chance(40);
		for (int i = 0; i < (nested ? count - 1 : count); i++) {
			PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("wide" + i)).build();
			txn.addSuccess(RequestOp.newBuilder().setRequestPut(put));
		}
		return nested ? TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(txn)).build()
				: txn.build();
	}

	private RequestOp operation(int depth) {
		RequestOp.Builder operation = RequestOp.newBuilder();
		int kind = this.dice.below(100);
		if (kind < 35) {
			return operation.setRequestPut(this.kv.put(this.keepsValues)).build();
		}
		if (kind < 50) {
			return operation.setRequestDeleteRange(this.kv.delete(!this.keepsValues)).build();
		}
		if (kind < 75) {
			return range();
		}
		if (kind < 99) {
			return (depth == DEPTH_MAX) ? range() : operation.setRequestTxn(txn(depth + 1)).build();
		}
		return operation.build();
	}

	private RequestOp range() {
		return RequestOp.newBuilder().setRequestRange(this.kv.range()).build();
	}

	private Compare compare() {
		ByteString key = Keys.keyOrEmpty(this.dice);
		Compare.Builder compare = Compare.newBuilder()
			.setKey(key)
			.setRangeEnd(Keys.end(this.dice, key, 35))
			.setResultValue(this.dice.below(4))
			.setTargetValue(this.dice.below(5));
		// Sometimes the operand of another target, or none: both count as zero.
		int operand = this.dice.chance(92) ? compare.getTargetValue() : this.dice.below(6);
		addOperand(compare, operand);
		if (this.dice.below(60) == 0) {
			compare.setResultValue(this.dice.pick(INVALID_ENUMS));
		}
		if (this.dice.below(60) == 0) {
			compare.setTargetValue(this.dice.pick(INVALID_ENUMS));
		}
		return compare.build();
	}

	private void addOperand(Compare.Builder compare, int target) {
		switch (target) {
			case Compare.CompareTarget.VERSION_VALUE -> compare.setVersion(this.dice.between(0, 3));
			case Compare.CompareTarget.CREATE_VALUE -> compare.setCreateRevision(revision());
			case Compare.CompareTarget.MOD_VALUE -> compare.setModRevision(revision());
			case Compare.CompareTarget.VALUE_VALUE -> compare.setValue(this.kv.value());
			case Compare.CompareTarget.LEASE_VALUE -> compare.setLease(this.dice.chance(50) ? 0 : this.kv.lease());
			default -> compare.clearTargetUnion();
		}
	}

	private long revision() {
		return this.dice.chance(40) ? 0 : this.dice.between(0, this.state.revision());
	}

}
