package dev.kvserver.server.coordination;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.LockResponse;

/**
 * One attempt to get a lock: a key of one's own under the lock's name says that one
 * waits, and the oldest key holds the lock.
 */
final class LockCall extends CoordinationCall<LockResponse> {

	private final long lease;

	private final ByteString prefix;

	LockCall(CallerStore store, OpenCalls calls, LockRequest request) {
		super(store, calls);
		this.lease = request.getLease();
		this.prefix = Keys.prefix(request.getName());
	}

	@Override
	CompletableFuture<LockResponse> run() {
		return session(this.lease).thenCompose((id) -> {
			ByteString key = Keys.key(this.prefix, id);
			return store().txn(enter(key, id)).thenCompose((entered) -> entered(key, entered));
		});
	}

	private TxnRequest enter(ByteString key, long id) {
		return TxnRequest.newBuilder()
			.addCompare(Keys.createdAt(key, 0))
			.addSuccess(Keys.put(key, ByteString.EMPTY, id))
			.addSuccess(Keys.get(Keys.oldest(this.prefix)))
			.addFailure(Keys.get(Keys.one(key)))
			.addFailure(Keys.get(Keys.oldest(this.prefix)))
			.build();
	}

	private CompletableFuture<LockResponse> entered(ByteString key, TxnResponse entered) {
		long own = entered.getSucceeded() ? entered.getHeader().getRevision()
				: entered.getResponses(0).getResponseRange().getKvs(0).getCreateRevision();
		List<KeyValue> oldest = entered.getResponses(1).getResponseRange().getKvsList();
		if (oldest.isEmpty() || oldest.get(0).getCreateRevision() == own) {
			return undoing(CompletableFuture.completedFuture(response(entered.getHeader(), key)),
					(failure) -> isCancelled() && entered.getSucceeded(), () -> release(key));
		}
		return undoing(await(new Turn(store(), this.prefix, own)).thenCompose((turn) -> stillThere(key)),
				(failure) -> failure != null || isCancelled(), () -> release(key));
	}

	/** The lease may have expired during the wait, and with it one's own place. */
	private CompletableFuture<LockResponse> stillThere(ByteString key) {
		return store().range(Keys.one(key)).thenApply((found) -> {
			if (found.getKvsCount() == 0) {
				throw CoordinationException.expired();
			}
			return response(found.getHeader(), key);
		});
	}

	private CompletableFuture<DeleteRangeResponse> release(ByteString key) {
		return store().deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
	}

	private static LockResponse response(ResponseHeader header, ByteString key) {
		return LockResponse.newBuilder().setHeader(header).setKey(key).build();
	}

}
