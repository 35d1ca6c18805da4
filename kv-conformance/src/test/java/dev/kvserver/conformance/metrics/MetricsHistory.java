package dev.kvserver.conformance.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.OpenCall;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DefragmentRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.UnlockRequest;
import io.grpc.MethodDescriptor;

/**
 * Requests of all kinds in a fixed order, each answered before the next is made. They
 * leave nothing open.
 */
final class MetricsHistory implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final HttpClient HTTP = HttpClient.newHttpClient();

	private final int port;

	private final Connection connection;

	MetricsHistory(int port) {
		this.port = port;
		this.connection = new Connection(port);
	}

	/** The parts of the history, in order. */
	static Map<String, Part> parts() {
		Map<String, Part> parts = new LinkedHashMap<>();
		parts.put("puts", MetricsHistory::puts);
		parts.put("ranges", MetricsHistory::ranges);
		parts.put("transactions", MetricsHistory::txns);
		parts.put("transactions that read", MetricsHistory::readOnlyTxns);
		parts.put("deletes", MetricsHistory::deletes);
		parts.put("leases", MetricsHistory::leases);
		parts.put("keep alive", MetricsHistory::keepAlive);
		parts.put("watches", MetricsHistory::watches);
		parts.put("compaction", MetricsHistory::compaction);
		parts.put("operators", MetricsHistory::operators);
		parts.put("alarms", MetricsHistory::alarms);
		parts.put("users", MetricsHistory::users);
		parts.put("locks", MetricsHistory::locks);
		parts.put("health", MetricsHistory::health);
		parts.put("gateway", MetricsHistory::gateway);
		return parts;
	}

	/** A part of the history. */
	interface Part {

		void play(MetricsHistory history);

	}

	private void puts() {
		put(put("a", "1"));
		put(put("a", "22").setPrevKv(true));
		put(put("new", "3").setPrevKv(true));
		put(put("a", "").setIgnoreValue(true));
		put(put("absent", "").setIgnoreValue(true));
		put(put("a", "1").setLease(4711));
		put(put("", "1"));
		for (int i = 0; i < 25; i++) {
			put(put("k" + (char) ('a' + i), "value " + i));
		}
	}

	private void ranges() {
		range(key("a"));
		range(key("absent").setSerializable(true));
		range(prefixed("k"));
		range(prefixed("k").setCountOnly(true));
		range(prefixed("k").setLimit(3).setKeysOnly(true));
		range(key("a").setRevision(2));
		range(key("a").setRevision(1_000_000));
		range(key(""));
		ask(KVGrpc.getRangeStreamMethod(), prefixed("k").build());
		ask(KVGrpc.getRangeStreamMethod(), prefixed("k").setLimit(4).build());
		ask(KVGrpc.getRangeStreamMethod(), prefixed("k").setCountOnly(true).build());
		ask(KVGrpc.getRangeStreamMethod(), key("a").setRevision(1_000_000).build());
	}

	private void txns() {
		txn(TxnRequest.newBuilder()
			.addCompare(exists("a"))
			.addCompare(exists("new"))
			.addSuccess(RequestOp.newBuilder().setRequestPut(put("a", "2")))
			.addSuccess(RequestOp.newBuilder().setRequestRange(prefixed("k"))));
		txn(TxnRequest.newBuilder()
			.addCompare(exists("absent"))
			.addCompare(exists("a"))
			.addFailure(RequestOp.newBuilder().setRequestPut(put("a", "3").setPrevKv(true)))
			.addFailure(RequestOp.newBuilder()
				.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(utf8("new")).setPrevKv(true))));
		txn(TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(put("one", "1"))));
		txn(TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder()
				.setRequestTxn(TxnRequest.newBuilder()
					.addCompare(exists("one"))
					.addSuccess(RequestOp.newBuilder().setRequestPut(put("two", "2")))
					.addSuccess(RequestOp.newBuilder().setRequestRange(key("one"))))));
		txn(TxnRequest.newBuilder()
			.addCompare(exists("a"))
			.addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "2").setLease(4711))));
		txn(TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder().setRequestPut(put("absent", "").setIgnoreValue(true))));
		txn(TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "2")))
			.addSuccess(RequestOp.newBuilder().setRequestPut(put("b", "3"))));
	}

	private void readOnlyTxns() {
		txn(TxnRequest.newBuilder()
			.addCompare(exists("a"))
			.addSuccess(RequestOp.newBuilder().setRequestRange(key("a")))
			.addSuccess(RequestOp.newBuilder().setRequestRange(prefixed("k"))));
		txn(TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestRange(key("a"))));
		txn(TxnRequest.newBuilder());
		txn(TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder().setRequestRange(key("a").setRevision(1_000_000))));
	}

	private void deletes() {
		delete(DeleteRangeRequest.newBuilder().setKey(utf8("ka")));
		delete(DeleteRangeRequest.newBuilder().setKey(utf8("absent")).setPrevKv(true));
		delete(DeleteRangeRequest.newBuilder().setKey(utf8("kb")).setRangeEnd(utf8("kf")).setPrevKv(true));
		delete(DeleteRangeRequest.newBuilder());
	}

	private void leases() {
		for (long id = 1000; id < 1003; id++) {
			grant(id, 100 * (id - 999));
		}
		grant(1000, 100);
		grant(1003, 10_000_000_000L);
		put(put("with lease 1", "x").setLease(1000));
		put(put("with lease 2", "x").setLease(1000));
		revoke(1000);
		revoke(1001);
		revoke(1001);
		ask(LeaseGrpc.getLeaseTimeToLiveMethod(),
				LeaseTimeToLiveRequest.newBuilder().setID(4711).setKeys(true).build());
		ask(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
	}

	private void keepAlive() {
		run(new Call(LeaseGrpc.getLeaseKeepAliveMethod(), List.of(renewal(1002), renewal(4711), renewal(1002))));
		OpenCall open = OpenCall.start(this.connection, new Call(LeaseGrpc.getLeaseKeepAliveMethod(), List.of()));
		open.awaitEnd();
	}

	private void watches() {
		try (WatchConnection plain = new WatchConnection(this.connection.channel());
				WatchConnection previous = new WatchConnection(this.connection.channel())) {
			plain.create(WatchCreateRequest.newBuilder().setKey(utf8("w")).setRangeEnd(utf8("x")).build());
			previous.create(WatchCreateRequest.newBuilder().setKey(utf8("w1")).setPrevKv(true).build());
			await(plain, 1);
			await(previous, 1);
			put(put("w1", "1"));
			put(put("w1", "2"));
			put(put("w2", "1"));
			delete(DeleteRangeRequest.newBuilder().setKey(utf8("w1")));
			await(plain, 5);
			await(previous, 4);
			plain.create(WatchCreateRequest.newBuilder().setKey(utf8("w")).setStartRevision(-1).build());
			await(plain, 6);
			plain.cancel(0);
			await(plain, 7);
		}
	}

	private static void await(WatchConnection watch, int responses) {
		WatchResponse last = watch.await((response) -> true, responses, PATIENCE);
		if (last == null) {
			throw new AssertionError("Fewer than " + responses + " responses");
		}
	}

	private void compaction() {
		compact(20, true);
		compact(20, true);
		compact(1_000_000, false);
		range(key("a").setRevision(3));
	}

	private void operators() {
		ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
		ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.newBuilder().setRevision(3).build());
		ask(MaintenanceGrpc.getHashMethod(), HashRequest.getDefaultInstance());
		ask(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
		ask(MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance());
		ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance());
		ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.newBuilder().setLinearizable(true).build());
		run(Call.of(unknown("Nothing"), RangeRequest.getDefaultInstance()));
	}

	private static MethodDescriptor<RangeRequest, ?> unknown(String name) {
		return KVGrpc.getRangeMethod()
			.toBuilder()
			.setFullMethodName(MethodDescriptor.generateFullMethodName(KVGrpc.SERVICE_NAME, name))
			.build();
	}

	private void alarms() {
		ask(MaintenanceGrpc.getAlarmMethod(), alarm(AlarmAction.ACTIVATE, 1));
		ask(MaintenanceGrpc.getAlarmMethod(), alarm(AlarmAction.ACTIVATE, 2));
		put(put("no space", "1"));
		ask(MaintenanceGrpc.getAlarmMethod(), alarm(AlarmAction.DEACTIVATE, 2));
		ask(MaintenanceGrpc.getAlarmMethod(), alarm(AlarmAction.DEACTIVATE, 1));
		put(put("space", "1"));
	}

	private static AlarmRequest alarm(AlarmAction action, long member) {
		return AlarmRequest.newBuilder().setAction(action).setMemberID(member).setAlarm(AlarmType.NOSPACE).build();
	}

	private void users() {
		ask(AuthGrpc.getRoleAddMethod(), AuthRoleAddRequest.newBuilder().setName("role").build());
		ask(AuthGrpc.getRoleAddMethod(), AuthRoleAddRequest.newBuilder().setName("role").build());
		ask(AuthGrpc.getUserAddMethod(), AuthUserAddRequest.newBuilder().setName("user").setPassword("secret").build());
		ask(AuthGrpc.getUserGrantRoleMethod(),
				AuthUserGrantRoleRequest.newBuilder().setUser("user").setRole("role").build());
	}

	private void locks() {
		ask(LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(utf8("lock")).setLease(1002).build());
		ask(LockGrpc.getUnlockMethod(), UnlockRequest.newBuilder().setKey(utf8("lock/3ea")).build());
		ask(LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(utf8("lock")).setLease(4711).build());
	}

	private void health() {
		http("GET", "/health", "");
		http("GET", "/health?serializable=true", "");
		http("POST", "/health", "");
		http("GET", "/livez", "");
		http("GET", "/readyz?exclude=data_corruption", "");
		http("GET", "/readyz/serializable_read", "");
		ask(MaintenanceGrpc.getAlarmMethod(), alarm(AlarmAction.ACTIVATE, 1));
		http("GET", "/health", "");
		ask(MaintenanceGrpc.getAlarmMethod(), alarm(AlarmAction.DEACTIVATE, 1));
	}

	private void gateway() {
		http("POST", "/v3/kv/put", "{\"key\":\"Zw==\",\"value\":\"Zw==\"}");
		http("POST", "/v3/kv/range", "{\"key\":\"Zw==\"}");
		http("POST", "/v3/kv/range", "{}");
		http("POST", "/v3/kv/range", "{");
		http("POST", "/v3/lease/keepalive", "{\"ID\":\"1002\"}");
	}

	private void http(String method, String path, String body) {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + this.port + path))
			.method(method, HttpRequest.BodyPublishers.ofString(body))
			.build();
		try {
			HTTP.send(request, HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private void put(PutRequest.Builder put) {
		ask(KVGrpc.getPutMethod(), put.build());
	}

	private void range(RangeRequest.Builder range) {
		ask(KVGrpc.getRangeMethod(), range.build());
	}

	private void txn(TxnRequest.Builder txn) {
		ask(KVGrpc.getTxnMethod(), txn.build());
	}

	private void delete(DeleteRangeRequest.Builder delete) {
		ask(KVGrpc.getDeleteRangeMethod(), delete.build());
	}

	private void grant(long id, long ttl) {
		ask(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build());
	}

	private void revoke(long id) {
		ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(id).build());
	}

	private void compact(long revision, boolean physical) {
		ask(KVGrpc.getCompactMethod(),
				CompactionRequest.newBuilder().setRevision(revision).setPhysical(physical).build());
	}

	private static LeaseKeepAliveRequest renewal(long id) {
		return LeaseKeepAliveRequest.newBuilder().setID(id).build();
	}

	private static PutRequest.Builder put(String key, String value) {
		return PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value));
	}

	private static RangeRequest.Builder key(String key) {
		return RangeRequest.newBuilder().setKey(utf8(key));
	}

	private static RangeRequest.Builder prefixed(String letter) {
		return key(letter).setRangeEnd(utf8(Character.toString(letter.charAt(0) + 1)));
	}

	private static Compare.Builder exists(String key) {
		return Compare.newBuilder()
			.setKey(utf8(key))
			.setTarget(Compare.CompareTarget.VERSION)
			.setResult(Compare.CompareResult.GREATER)
			.setVersion(0);
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private <T extends Message> void ask(MethodDescriptor<T, ?> method, T request) {
		run(Call.of(method, request));
	}

	/** Also what fails is part of the history. */
	private Outcome run(Call call) {
		return this.connection.run(call);
	}

	@Override
	public void close() {
		this.connection.close();
	}

}
