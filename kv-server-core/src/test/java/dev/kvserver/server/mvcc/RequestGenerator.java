package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseExpireRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;

/**
 * Random requests, most of which hit something: few keys that are prefixes and neighbours
 * of each other, few leases, revisions around those that exist. Txns may change a key
 * twice, more freely than the services let them through.
 */
final class RequestGenerator {

	private static final ByteString OPEN_END = ByteString.copyFrom(new byte[] { 0 });

	private static final int[] KEY_COUNTS = { 1, 3, 10, 10, 30, 30, 150 };

	private static final int LEASES = 4;

	private final SplittableRandom random;

	private final ReferenceStore store;

	private final List<ByteString> keys = new ArrayList<>();

	RequestGenerator(SplittableRandom random, ReferenceStore store) {
		this.random = random;
		this.store = store;
		int count = KEY_COUNTS[random.nextInt(KEY_COUNTS.length)];
		for (int i = 0; i < count; i++) {
			this.keys.add(newKey());
		}
	}

	private ByteString newKey() {
		byte[] alphabet = { 0, 'a', 'b', (byte) 0x80, (byte) 0xff };
		byte[] key = new byte[this.random.nextInt(1, 5)];
		for (int i = 0; i < key.length; i++) {
			key[i] = alphabet[this.random.nextInt(alphabet.length)];
		}
		return ByteString.copyFrom(key);
	}

	ByteString key() {
		return this.keys.get(this.random.nextInt(this.keys.size()));
	}

	private ByteString rangeEnd() {
		return switch (this.random.nextInt(4)) {
			case 0 -> ByteString.EMPTY;
			case 1 -> OPEN_END;
			default -> key();
		};
	}

	private boolean oneIn(int n) {
		return this.random.nextInt(n) == 0;
	}

	/** A change. */
	InternalRaftRequest request() {
		InternalRaftRequest.Builder request = InternalRaftRequest.newBuilder();
		int kind = this.random.nextInt(100);
		if (kind < 45) {
			return request.setPut(put()).build();
		}
		if (kind < 57) {
			return request.setDeleteRange(delete()).build();
		}
		if (kind < 84) {
			return request.setTxn(txn(0)).build();
		}
		if (kind < 91) {
			return request.setCompaction(compaction()).build();
		}
		if (kind < 95) {
			return request.setLeaseGrant(LeaseGrantRequest.newBuilder().setID(lease()).setTTL(60)).build();
		}
		if (kind < 98) {
			return request.setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease())).build();
		}
		return request.setLeaseExpire(LeaseExpireRequest.newBuilder().addIDs(lease()).addIDs(lease())).build();
	}

	private CompactionRequest compaction() {
		long compacted = this.store.compactRevision();
		long most = this.store.revision() - compacted + 2;
		return CompactionRequest.newBuilder()
			.setRevision(compacted + this.random.nextLong(-1, most))
			.setPhysical(oneIn(2))
			.build();
	}

	private long lease() {
		return this.random.nextInt(1, LEASES + 1);
	}

	private PutRequest put() {
		PutRequest.Builder put = PutRequest.newBuilder().setKey(key()).setPrevKv(oneIn(3));
		if (oneIn(8)) {
			put.setIgnoreValue(true);
		}
		else {
			put.setValue(value());
		}
		if (oneIn(8)) {
			put.setIgnoreLease(true);
		}
		else if (oneIn(4)) {
			put.setLease(lease());
		}
		return put.build();
	}

	private ByteString value() {
		byte[] value = new byte[oneIn(5) ? 0 : this.random.nextInt(1, oneIn(6) ? 200 : 6)];
		for (int i = 0; i < value.length; i++) {
			value[i] = (byte) this.random.nextInt(3);
		}
		return ByteString.copyFrom(value);
	}

	private DeleteRangeRequest delete() {
		ByteString end = oneIn(3) ? rangeEnd() : ByteString.EMPTY;
		return DeleteRangeRequest.newBuilder().setKey(key()).setRangeEnd(end).setPrevKv(oneIn(2)).build();
	}

	private TxnRequest txn(int depth) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		for (int i = this.random.nextInt(3); i > 0; i--) {
			txn.addCompare(compare());
		}
		int opsMax = (depth == 0 && oneIn(10)) ? 60 : 4;
		for (int i = this.random.nextInt(opsMax); i > 0; i--) {
			txn.addSuccess(op(depth));
		}
		for (int i = this.random.nextInt(4); i > 0; i--) {
			txn.addFailure(op(depth));
		}
		return txn.build();
	}

	private RequestOp op(int depth) {
		RequestOp.Builder op = RequestOp.newBuilder();
		int kind = this.random.nextInt(100);
		if (kind < 45) {
			op.setRequestPut(put());
		}
		else if (kind < 60) {
			op.setRequestDeleteRange(delete());
		}
		else if (kind < 85 || depth == 2) {
			op.setRequestRange(range());
		}
		else {
			op.setRequestTxn(txn(depth + 1));
		}
		return op.build();
	}

	private Compare compare() {
		Compare.Builder compare = Compare.newBuilder().setKey(key());
		if (oneIn(4)) {
			compare.setRangeEnd(rangeEnd());
		}
		compare.setResult(Compare.CompareResult.forNumber(this.random.nextInt(4)));
		switch (this.random.nextInt(6)) {
			case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(this.random.nextInt(4));
			case 1 -> compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(revision());
			case 2 -> compare.setTarget(Compare.CompareTarget.MOD).setModRevision(revision());
			case 3 -> compare.setTarget(Compare.CompareTarget.VALUE).setValue(value());
			case 4 -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(oneIn(2) ? 0 : lease());
			default -> compare.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(0);
		}
		return compare.build();
	}

	/** A revision from just below the compacted to just above the current one. */
	long revision() {
		long lowest = Math.max(0, this.store.compactRevision() - 2);
		return this.random.nextLong(lowest, this.store.revision() + 2);
	}

	RangeRequest range() {
		RangeRequest.Builder range = RangeRequest.newBuilder().setKey(key()).setRangeEnd(rangeEnd());
		if (oneIn(2)) {
			range.setRevision(oneIn(20) ? -1 : revision());
		}
		if (oneIn(2)) {
			range.setLimit(this.random.nextInt(-1, 6));
		}
		if (oneIn(3)) {
			range.setSortOrder(RangeRequest.SortOrder.forNumber(this.random.nextInt(3)))
				.setSortTarget(RangeRequest.SortTarget.forNumber(this.random.nextInt(5)));
		}
		range.setKeysOnly(oneIn(4)).setCountOnly(oneIn(6)).setSerializable(oneIn(2));
		if (oneIn(5)) {
			range.setMinModRevision(oneIn(2) ? 0 : revision()).setMaxModRevision(oneIn(2) ? 0 : revision());
			range.setMinCreateRevision(oneIn(2) ? 0 : revision()).setMaxCreateRevision(oneIn(2) ? 0 : revision());
		}
		return range.build();
	}

	/** A txn of ranges only. */
	TxnRequest readOnlyTxn() {
		TxnRequest.Builder txn = TxnRequest.newBuilder().addCompare(compare());
		for (int i = this.random.nextInt(3); i > 0; i--) {
			txn.addSuccess(RequestOp.newBuilder().setRequestRange(range()));
		}
		return txn.addFailure(RequestOp.newBuilder().setRequestRange(range())).build();
	}

}
