package dev.kvserver.server.apply;

import java.util.List;
import java.util.function.LongFunction;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.AuthState;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.key.KeyRange;

/**
 * What a request may touch, down to the last nested txn (etcd-contract section 2.13): the
 * one place that turns a request into questions about ranges, for readers and for the
 * apply thread.
 * <p>
 * A put needs to read its key when it asks for the previous value, and to write every key
 * of the lease it attaches to: whoever could attach a key to a lease it may not revoke
 * would have its key deleted, or kept, by others. Of a txn both branches count, taken or
 * not. Each check returns, or throws {@code USER_EMPTY}, {@code AUTH_OLD_REVISION} or
 * {@code PERMISSION_DENIED}.
 */
public final class RequestPermissions {

	private final AuthState state;

	private final AuthInfo info;

	private final LongFunction<List<byte[]>> keysOfLease;

	/**
	 * Asks for one caller.
	 * @param state users and roles
	 * @param info the caller
	 * @param keysOfLease the keys attached to a lease; none if there is no such lease
	 */
	public RequestPermissions(AuthState state, AuthInfo info, LongFunction<List<byte[]>> keysOfLease) {
		this.state = state;
		this.info = info;
		this.keysOfLease = keysOfLease;
	}

	/**
	 * Checks a range.
	 * @param request the request
	 */
	public void check(RangeRequest request) {
		read(request.getKey(), request.getRangeEnd());
	}

	void check(PutRequest request) {
		this.state.checkWrite(this.info, KeyRange.single(Bytes.of(request.getKey())));
		checkLease(request.getLease());
		if (request.getPrevKv()) {
			read(request.getKey(), ByteString.EMPTY);
		}
	}

	void check(DeleteRangeRequest request) {
		this.state.checkWrite(this.info, KeyRange.of(request.getKey(), request.getRangeEnd()));
		if (request.getPrevKv()) {
			read(request.getKey(), request.getRangeEnd());
		}
	}

	/** Whether the caller may write, and so revoke, all keys of a lease. */
	void checkLease(long id) {
		if (id == 0 || this.state.isAdmin(this.info)) {
			return;
		}
		List<byte[]> keys = this.keysOfLease.apply(id);
		for (int i = 0; i < keys.size(); i++) {
			this.state.checkWrite(this.info, KeyRange.single(keys.get(i)));
		}
	}

	/**
	 * Checks a txn.
	 * @param request the request
	 */
	public void check(TxnRequest request) {
		for (int i = 0; i < request.getCompareCount(); i++) {
			Compare compare = request.getCompare(i);
			read(compare.getKey(), compare.getRangeEnd());
		}
		check(request.getSuccessList());
		check(request.getFailureList());
	}

	private void check(List<RequestOp> ops) {
		for (int i = 0; i < ops.size(); i++) {
			RequestOp op = ops.get(i);
			switch (op.getRequestCase()) {
				case REQUEST_RANGE -> check(op.getRequestRange());
				case REQUEST_PUT -> check(op.getRequestPut());
				case REQUEST_DELETE_RANGE -> check(op.getRequestDeleteRange());
				case REQUEST_TXN -> check(op.getRequestTxn());
				case REQUEST_NOT_SET -> {
				}
			}
		}
	}

	private void read(ByteString key, ByteString rangeEnd) {
		this.state.checkRead(this.info, KeyRange.of(key, rangeEnd));
	}

}
