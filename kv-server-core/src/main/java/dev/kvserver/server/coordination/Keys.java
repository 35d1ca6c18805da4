package dev.kvserver.server.coordination;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;

/** The keys that stand for candidates and lock holders, and requests about them. */
final class Keys {

	private Keys() {
	}

	/** What all keys of an election or a lock begin with. */
	static ByteString prefix(ByteString name) {
		return name.concat(ByteString.copyFromUtf8("/"));
	}

	/** The key of one session: its lease in hexadecimal digits, as Go prints a number. */
	static ByteString key(ByteString prefix, long lease) {
		String digits = (lease < 0) ? "-" + Long.toHexString(-lease) : Long.toHexString(lease);
		return prefix.concat(ByteString.copyFromUtf8(digits));
	}

	/** The end of the range of all keys with a prefix: '0' follows the '/' it ends in. */
	static ByteString end(ByteString prefix) {
		return prefix.substring(0, prefix.size() - 1).concat(ByteString.copyFromUtf8("0"));
	}

	/** Asks for the oldest key with a prefix: that of the leader or holder. */
	static RangeRequest oldest(ByteString prefix) {
		return RangeRequest.newBuilder()
			.setKey(prefix)
			.setRangeEnd(end(prefix))
			.setSortTarget(RangeRequest.SortTarget.CREATE)
			.setSortOrder(RangeRequest.SortOrder.ASCEND)
			.setLimit(1)
			.build();
	}

	/** Asks for the youngest key that was created before a revision. */
	static RangeRequest youngestBefore(ByteString prefix, long createRevision) {
		return RangeRequest.newBuilder()
			.setKey(prefix)
			.setRangeEnd(end(prefix))
			.setMaxCreateRevision(createRevision - 1)
			.setSortTarget(RangeRequest.SortTarget.CREATE)
			.setSortOrder(RangeRequest.SortOrder.DESCEND)
			.setLimit(1)
			.build();
	}

	static Compare createdAt(ByteString key, long revision) {
		return Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.CREATE)
			.setResult(Compare.CompareResult.EQUAL)
			.setCreateRevision(revision)
			.build();
	}

	static RequestOp put(ByteString key, ByteString value, long lease) {
		return RequestOp.newBuilder()
			.setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
			.build();
	}

	static RequestOp get(RangeRequest request) {
		return RequestOp.newBuilder().setRequestRange(request).build();
	}

	static RangeRequest one(ByteString key) {
		return RangeRequest.newBuilder().setKey(key).build();
	}

	static RequestOp delete(ByteString key) {
		return RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key)).build();
	}

}
