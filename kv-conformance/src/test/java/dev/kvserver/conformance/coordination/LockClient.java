package dev.kvserver.conformance.coordination;

import java.time.Duration;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.OpenCall;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.v3lockpb.LockResponse;

/**
 * Somebody who takes a lock again and again and writes under its protection, but whose
 * connections drop, and who does not keep its lease alive while time passes. One thread.
 */
final class LockClient implements AutoCloseable {

	static final String NAME = "lock";

	static final ByteString RESOURCE = ByteString.copyFromUtf8("resource");

	private static final long TTL_SECONDS = 10;

	private static final Duration PATIENCE = Duration.ofMillis(20);

	private final LockServer server;

	private final Dice dice;

	private final LockLog log;

	private Connection connection;

	LockClient(LockServer server, long seed, LockLog log) {
		this.server = server;
		this.dice = new Dice(seed);
		this.log = log;
		this.connection = server.connect();
	}

	/** Takes the lock once, unless something is in the way. */
	void turn() {
		long lease = this.server.grant(TTL_SECONDS);
		OpenCall lock = OpenCall.start(this.connection, Requests.lock(NAME, lease));
		boolean leaves = this.dice.chance(20);
		while (!lock.isOver(PATIENCE)) {
			if (leaves) {
				leave(lock);
				return;
			}
			// Whoever holds it may never come back.
			this.server.pass(Duration.ofSeconds(1));
		}
		Outcome outcome = lock.awaitEnd();
		if (outcome.isOk()) {
			hold((LockResponse) outcome.message());
		}
		else if (!outcome.text().matches("mutex: session is expired|etcdserver: requested lease not found")) {
			throw new AssertionError(outcome);
		}
	}

	private void leave(OpenCall lock) {
		if (this.dice.chance(50)) {
			lock.cancel();
		}
		else {
			reconnect();
		}
	}

	private void hold(LockResponse response) {
		String key = response.getKey().toStringUtf8();
		this.log.held(new LockLog.Held(key, response.getHeader().getRevision()));
		long token = token(response.getKey());
		if (token == 0) {
			return;
		}
		int writes = this.dice.below(4);
		for (int i = 0; i < writes; i++) {
			write(response.getKey(), token);
			if (this.dice.chance(20)) {
				this.server.pass(Duration.ofSeconds(TTL_SECONDS - 2 + this.dice.below(5)));
			}
		}
		if (this.dice.chance(15)) {
			reconnect();
		}
		if (this.dice.chance(80)) {
			this.connection.run(Requests.unlock(key));
		}
	}

	/** The fencing token: the create revision of one's own key; 0 if the key is gone. */
	private long token(ByteString key) {
		Call get = Call.of(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(key).build());
		RangeResponse found = (RangeResponse) this.connection.run(get).message();
		return (found.getKvsCount() == 0) ? 0 : found.getKvs(0).getCreateRevision();
	}

	private void write(ByteString key, long token) {
		TxnResponse answer = (TxnResponse) this.connection.run(guarded(key, token)).message();
		this.log.written(new LockLog.Written(token, answer.getSucceeded(), answer.getHeader().getRevision()));
	}

	/** A write that is made only as long as the key is the one that was created. */
	static Call guarded(ByteString key, long token) {
		Compare own = Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.CREATE)
			.setResult(Compare.CompareResult.EQUAL)
			.setCreateRevision(token)
			.build();
		PutRequest put = PutRequest.newBuilder()
			.setKey(RESOURCE)
			.setValue(ByteString.copyFromUtf8(Long.toString(token)))
			.build();
		return new Call(KVGrpc.getTxnMethod(), List
			.of(TxnRequest.newBuilder().addCompare(own).addSuccess(RequestOp.newBuilder().setRequestPut(put)).build()));
	}

	private void reconnect() {
		this.connection.close();
		this.connection = this.server.connect();
	}

	@Override
	public void close() {
		this.connection.close();
	}

}
