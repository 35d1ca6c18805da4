package dev.kvserver.server;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGetRequest;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MemberAddRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3electionpb.LeaderKey;
import dev.kvserver.proto.v3electionpb.LeaderRequest;
import dev.kvserver.proto.v3electionpb.ProclaimRequest;
import dev.kvserver.proto.v3electionpb.ResignRequest;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.UnlockRequest;
import dev.kvserver.server.AccessCell.Need;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;

import static dev.kvserver.server.AccessCell.Need.ADMIN;
import static dev.kvserver.server.AccessCell.Need.HONESTY;
import static dev.kvserver.server.AccessCell.Need.USER;
import static dev.kvserver.server.AccessCell.Need.read;
import static dev.kvserver.server.AccessCell.Need.write;
import static java.util.Objects.requireNonNull;

/**
 * All cells of the authorisation matrix, with what etcd asks for in each (etcd-contract
 * section 2.13). Lease 7 holds {@code k1}, 8 {@code x1}, 17 {@code k3}, 18 {@code x3}.
 */
final class AccessCells {

	/** A key, a prefix, from a key on, and everything. */
	private static final String[][] RANGES = { { "k", "" }, { "k", "l" }, { "k", "\0" }, { "\0", "\0" } };

	private final KvStore store;

	private final List<AccessCell> cells = new ArrayList<>();

	private int uses;

	AccessCells(KvStore store) {
		this.store = store;
	}

	static List<ServiceDescriptor> services() {
		return List.of(KVGrpc.getServiceDescriptor(), WatchGrpc.getServiceDescriptor(),
				LeaseGrpc.getServiceDescriptor(), ClusterGrpc.getServiceDescriptor(),
				MaintenanceGrpc.getServiceDescriptor(), AuthGrpc.getServiceDescriptor(),
				ElectionGrpc.getServiceDescriptor(), LockGrpc.getServiceDescriptor(),
				HealthGrpc.getServiceDescriptor());
	}

	List<AccessCell> all() {
		for (String[] range : RANGES) {
			ranges(range[0], range[1]);
		}
		puts();
		txns();
		leases();
		coordination();
		maintenance();
		users();
		return this.cells;
	}

	private void ranges(String key, String end) {
		String shape = key.replace("\0", "0") + ".." + end.replace("\0", "0");
		RangeRequest range = range(key, end);
		add(KVGrpc.getRangeMethod(), shape, range, read(key, end));
		add(KVGrpc.getRangeMethod(), shape + " serializable", range.toBuilder().setSerializable(true).build(),
				read(key, end));
		add(KVGrpc.getRangeStreamMethod(), shape, range, read(key, end));
		DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)).build();
		DeleteRangeRequest returning = delete.toBuilder().setPrevKv(true).build();
		// Nothing is deleted that other cells need: the key does not exist in the first
		// case.
		if (end.isEmpty()) {
			add(KVGrpc.getDeleteRangeMethod(), shape, delete, write(key, end));
			add(KVGrpc.getDeleteRangeMethod(), shape + " prev_kv", returning, write(key, end), read(key, end));
		}
		else {
			TxnRequest untaken = TxnRequest.newBuilder()
				.addFailure(RequestOp.newBuilder().setRequestDeleteRange(delete))
				.build();
			add(KVGrpc.getTxnMethod(), "delete, branch not taken, " + shape, untaken, write(key, end));
			TxnRequest nested = TxnRequest.newBuilder()
				.addFailure(nest(RequestOp.newBuilder().setRequestDeleteRange(returning).build()))
				.build();
			add(KVGrpc.getTxnMethod(), "nested delete prev_kv " + shape, nested, write(key, end), read(key, end));
		}
		TxnRequest compare = TxnRequest.newBuilder()
			.addCompare(Compare.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)))
			.build();
		add(KVGrpc.getTxnMethod(), "compare " + shape, compare, read(key, end));
		TxnRequest nested = TxnRequest.newBuilder()
			.addFailure(nest(RequestOp.newBuilder().setRequestRange(range).build()))
			.build();
		add(KVGrpc.getTxnMethod(), "nested range " + shape, nested, read(key, end));
		WatchRequest watch = WatchRequest.newBuilder()
			.setCreateRequest(WatchCreateRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)))
			.build();
		add(WatchGrpc.getWatchMethod(), shape, watch, read(key, end));
	}

	private void puts() {
		PutRequest put = PutRequest.newBuilder().setKey(utf8("k")).build();
		add(KVGrpc.getPutMethod(), "", put, write("k", ""));
		add(KVGrpc.getPutMethod(), "prev_kv", put.toBuilder().setPrevKv(true).build(), write("k", ""), read("k", ""));
		add(KVGrpc.getPutMethod(), "lease attach", put.toBuilder().setLease(7).build(), write("k", ""),
				write("k1", ""));
		add(KVGrpc.getPutMethod(), "lease of others", put.toBuilder().setLease(8).build(), write("k", ""),
				write("x1", ""));
		add(KVGrpc.getCompactMethod(), "", "", ADMIN);
	}

	private void txns() {
		PutRequest put = PutRequest.newBuilder().setKey(utf8("k")).build();
		txn("put", put, write("k", ""));
		txn("put prev_kv", put.toBuilder().setPrevKv(true).build(), write("k", ""), read("k", ""));
		txn("put lease of others", put.toBuilder().setLease(8).build(), write("k", ""), write("x1", ""));
	}

	private void txn(String shape, PutRequest put, Need... needs) {
		RequestOp op = RequestOp.newBuilder().setRequestPut(put).build();
		add(KVGrpc.getTxnMethod(), shape, TxnRequest.newBuilder().addSuccess(op).build(), needs);
		add(KVGrpc.getTxnMethod(), "nested " + shape, TxnRequest.newBuilder().addSuccess(nest(op)).build(), needs);
		add(KVGrpc.getTxnMethod(), "nested twice " + shape, TxnRequest.newBuilder().addFailure(nest(nest(op))).build(),
				needs);
	}

	private static RequestOp nest(RequestOp op) {
		return RequestOp.newBuilder().setRequestTxn(TxnRequest.newBuilder().addSuccess(op)).build();
	}

	private void leases() {
		// Not those of the puts, which attach another key for some callers.
		add(LeaseGrpc.getLeaseGrantMethod(), "", LeaseGrantRequest.newBuilder().setTTL(600).build(), USER);
		this.cells.add(
				new AccessCell(LeaseGrpc.getLeaseRevokeMethod(), "with a key", this::revoke, List.of(write("k2", ""))));
		add(LeaseGrpc.getLeaseRevokeMethod(), "unknown", LeaseRevokeRequest.newBuilder().setID(99).build(), USER);
		add(LeaseGrpc.getLeaseKeepAliveMethod(), "", LeaseKeepAliveRequest.newBuilder().setID(17).build(),
				write("k3", ""));
		add(LeaseGrpc.getLeaseKeepAliveMethod(), "of others", LeaseKeepAliveRequest.newBuilder().setID(18).build(),
				write("x3", ""));
		LeaseTimeToLiveRequest ttl = LeaseTimeToLiveRequest.newBuilder().setID(18).build();
		add(LeaseGrpc.getLeaseTimeToLiveMethod(), "", ttl, USER);
		add(LeaseGrpc.getLeaseTimeToLiveMethod(), "keys", ttl.toBuilder().setKeys(true).build(), read("x3", ""));
		add(LeaseGrpc.getLeaseLeasesMethod(), "", LeaseLeasesRequest.getDefaultInstance(), read("k1", ""),
				read("x1", ""));
	}

	/** A lease of its own for each caller. */
	private Message revoke() {
		long id = 1_000L + this.uses++;
		this.store.leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(600).build()).join();
		this.store.put(PutRequest.newBuilder().setKey(utf8("k2")).setLease(id).build()).join();
		return LeaseRevokeRequest.newBuilder().setID(id).build();
	}

	/** Elections and locks ask for what they do to the store. */
	private void coordination() {
		LeaderKey leader = LeaderKey.newBuilder().setName(utf8("k")).setKey(utf8("k/7")).setRev(1).build();
		this.cells.add(new AccessCell(ElectionGrpc.getCampaignMethod(), "",
				() -> CampaignRequest.newBuilder().setName(utf8("k/c" + this.uses++)).build(),
				List.of(write("k/", "k0"), read("k/", "k0"))));
		add(ElectionGrpc.getProclaimMethod(), "", ProclaimRequest.newBuilder().setLeader(leader).build(),
				write("k/7", ""), read("k/7", ""));
		add(ElectionGrpc.getLeaderMethod(), "", LeaderRequest.newBuilder().setName(utf8("k")).build(),
				read("k/", "k0"));
		add(ElectionGrpc.getObserveMethod(), "", LeaderRequest.newBuilder().setName(utf8("k")).build(),
				read("k/", "k0"));
		add(ElectionGrpc.getResignMethod(), "", ResignRequest.newBuilder().setLeader(leader).build(), write("k/7", ""),
				read("k/7", ""));
		this.cells.add(new AccessCell(LockGrpc.getLockMethod(), "",
				() -> LockRequest.newBuilder().setName(utf8("k/l" + this.uses++)).build(),
				List.of(write("k/", "k0"), read("k/", "k0"))));
		add(LockGrpc.getUnlockMethod(), "", UnlockRequest.newBuilder().setKey(utf8("k/7")).build(), write("k/7", ""));
	}

	private void maintenance() {
		add(ClusterGrpc.getMemberListMethod(), "", "", USER);
		add(MaintenanceGrpc.getStatusMethod(), "", "", USER);
		add(MaintenanceGrpc.getAlarmMethod(), "get", "", USER);
		AlarmRequest raise = AlarmRequest.newBuilder().setAction(AlarmRequest.AlarmAction.DEACTIVATE).build();
		add(MaintenanceGrpc.getAlarmMethod(), "change", raise, ADMIN);
		List<MethodDescriptor<?, ?>> admins = List.of(ClusterGrpc.getMemberRemoveMethod(),
				ClusterGrpc.getMemberUpdateMethod(), ClusterGrpc.getMemberPromoteMethod(),
				MaintenanceGrpc.getDefragmentMethod(), MaintenanceGrpc.getHashMethod(),
				MaintenanceGrpc.getHashKVMethod(), MaintenanceGrpc.getSnapshotMethod(),
				MaintenanceGrpc.getMoveLeaderMethod(), MaintenanceGrpc.getDowngradeMethod());
		admins.forEach((method) -> add(method, "", "", ADMIN));
		// Without URLs everybody is told so first, as in etcd.
		add(ClusterGrpc.getMemberAddMethod(), "",
				MemberAddRequest.newBuilder().addPeerURLs("http://127.0.0.1:1").build(), ADMIN);
		add(HealthGrpc.getCheckMethod(), "", HealthCheckRequest.getDefaultInstance());
		add(HealthGrpc.getWatchMethod(), "", HealthCheckRequest.getDefaultInstance());
	}

	/**
	 * What has the name of an administrator's method asks for one before anything else.
	 */
	private void users() {
		add(AuthGrpc.getAuthenticateMethod(), "", "");
		add(AuthGrpc.getAuthStatusMethod(), "", "", HONESTY);
		List<MethodDescriptor<?, ?>> admins = List.of(AuthGrpc.getAuthEnableMethod(), AuthGrpc.getUserDeleteMethod(),
				AuthGrpc.getUserChangePasswordMethod(), AuthGrpc.getUserGrantRoleMethod(),
				AuthGrpc.getUserRevokeRoleMethod(), AuthGrpc.getUserListMethod(), AuthGrpc.getRoleAddMethod(),
				AuthGrpc.getRoleDeleteMethod(), AuthGrpc.getRoleListMethod(), AuthGrpc.getRoleRevokePermissionMethod(),
				AuthGrpc.getRoleGrantPermissionMethod());
		admins.forEach((method) -> add(method, "", "", ADMIN));
		// Without a name the administrator would be told what strangers are told.
		add(AuthGrpc.getUserAddMethod(), "", AuthUserAddRequest.newBuilder().setName("root").build(), ADMIN);
		add(AuthGrpc.getUserGetMethod(), "oneself", AuthUserGetRequest.newBuilder().setName("prefix").build(),
				(caller) -> caller.known() && (caller.root() || caller.name().equals("prefix")));
		add(AuthGrpc.getRoleGetMethod(), "one's own", AuthRoleGetRequest.newBuilder().setRole("prefix").build(),
				(caller) -> caller.known() && (caller.root() || caller.name().equals("prefix")));
		// Last: the caller that may, does.
		add(AuthGrpc.getAuthDisableMethod(), "", "", ADMIN);
	}

	private void add(MethodDescriptor<?, ?> method, String shape, Message request, Need... needs) {
		this.cells.add(AccessCell.of(method, shape, request, needs));
	}

	/** An empty request. */
	private void add(MethodDescriptor<?, ?> method, String shape, String nothing, Need... needs) {
		Message empty = (Message) requireNonNull(
				((MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype());
		add(method, shape + nothing, empty, needs);
	}

	/** The full name that the protocol's own description has. */
	static String declaredName(MethodDescriptor<?, ?> method) {
		ProtoMethodDescriptorSupplier schema = (ProtoMethodDescriptorSupplier) requireNonNull(
				method.getSchemaDescriptor());
		return schema.getMethodDescriptor().getService().getFullName() + "/" + schema.getMethodDescriptor().getName();
	}

	static RangeRequest range(String key, String end) {
		return RangeRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)).build();
	}

	static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
