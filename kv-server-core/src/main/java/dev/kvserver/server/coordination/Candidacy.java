package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.v3electionpb.LeaderKey;

/** What a candidate does with its key, as long as it is the one it created. */
final class Candidacy {

	private Candidacy() {
	}

	/** Sets another value; fails if the key is not there or not the same any more. */
	static CompletableFuture<ResponseHeader> proclaim(CallerStore store, LeaderKey own, ByteString value) {
		TxnRequest txn = TxnRequest.newBuilder()
			.addCompare(Keys.createdAt(own.getKey(), own.getRev()))
			.addSuccess(Keys.put(own.getKey(), value, own.getLease()))
			.build();
		return store.txn(txn).thenApply((answer) -> {
			if (!answer.getSucceeded()) {
				throw CoordinationException.notLeader();
			}
			return answer.getHeader();
		});
	}

	/** Deletes the key; nothing if it is not there or not the same any more. */
	static CompletableFuture<ResponseHeader> resign(CallerStore store, LeaderKey own) {
		TxnRequest txn = TxnRequest.newBuilder()
			.addCompare(Keys.createdAt(own.getKey(), own.getRev()))
			.addSuccess(Keys.delete(own.getKey()))
			.build();
		return store.txn(txn).thenApply((answer) -> answer.getHeader());
	}

}
