package dev.kvserver.conformance.differential;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.authpb.UserAddOptions;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.AuthDisableRequest;
import dev.kvserver.proto.etcdserverpb.AuthEnableRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleDeleteRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleListRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthStatusRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserDeleteRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserListRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MemberAddRequest;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.MemberRemoveRequest;
import dev.kvserver.proto.etcdserverpb.MoveLeaderRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
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

/**
 * Random calls about users, and random calls that users make, over few names and keys, so
 * that they meet.
 */
final class AuthSteps {

	static final List<String> USERS = List.of("root", "alice", "bob", "carol", "machine");

	private static final List<String> ROLES = List.of("root", "reader", "writer", "both");

	private static final List<String> KEYS = List.of("a", "b", "c", "d", "e");

	private static final List<String> ENDS = List.of("", "", "b", "c", "d", "f", "\0");

	/**
	 * Of more than these the order of those on one key is up to Go's sorting, which is
	 * not stable.
	 */
	private static final int GRANTS_MAX = 12;

	/** Far apart, so that the order by remaining time does not depend on the machine. */
	private static final long TTL_STEP_SECONDS = 10_000;

	private final Dice dice;

	private final Map<String, Integer> grants = new HashMap<>();

	private int names;

	AuthSteps(Dice dice) {
		this.dice = dice;
	}

	/** A change of users and roles, or a question about them. */
	Call management() {
		String user = this.dice.pick(USERS);
		String role = this.dice.pick(ROLES);
		return switch (this.dice.below(20)) {
			case 0, 1 -> Call.of(AuthGrpc.getUserAddMethod(), newUser(user));
			case 2 -> Call.of(AuthGrpc.getUserDeleteMethod(), AuthUserDeleteRequest.newBuilder().setName(user).build());
			case 3 -> Call.of(AuthGrpc.getUserChangePasswordMethod(),
					AuthUserChangePasswordRequest.newBuilder().setName(user).setPassword(user).build());
			case 4, 5, 6 -> Call.of(AuthGrpc.getUserGrantRoleMethod(),
					AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build());
			case 7 -> Call.of(AuthGrpc.getUserRevokeRoleMethod(),
					AuthUserRevokeRoleRequest.newBuilder().setName(user).setRole(role).build());
			case 8, 9 -> Call.of(AuthGrpc.getRoleAddMethod(), AuthRoleAddRequest.newBuilder().setName(role).build());
			case 10 ->
				Call.of(AuthGrpc.getRoleDeleteMethod(), AuthRoleDeleteRequest.newBuilder().setRole(role).build());
			case 11, 12, 13 -> (this.grants.getOrDefault(role, 0) < GRANTS_MAX)
					? Call.of(AuthGrpc.getRoleGrantPermissionMethod(), grant(role))
					: Call.of(AuthGrpc.getRoleDeleteMethod(), AuthRoleDeleteRequest.newBuilder().setRole(role).build());
			case 14 -> Call.of(AuthGrpc.getRoleRevokePermissionMethod(),
					AuthRoleRevokePermissionRequest.newBuilder()
						.setRole(role)
						.setKey(key())
						.setRangeEnd(end())
						.build());
			case 15 -> Call.of(AuthGrpc.getUserGetMethod(), AuthUserGetRequest.newBuilder().setName(user).build());
			case 16 -> Call.of(AuthGrpc.getRoleGetMethod(), AuthRoleGetRequest.newBuilder().setRole(role).build());
			case 17 -> Call.of(AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance());
			case 18 -> Call.of(AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance());
			default -> Call.of(AuthGrpc.getAuthStatusMethod(), AuthStatusRequest.getDefaultInstance());
		};
	}

	/** Takes note of what a call came to. */
	void observe(Call call, Outcome outcome) {
		if (outcome.isOk() && call.request() instanceof AuthRoleGrantPermissionRequest grant) {
			this.grants.merge(grant.getName(), 1, Integer::sum);
		}
		else if (outcome.isOk() && call.request() instanceof AuthRoleDeleteRequest delete) {
			this.grants.remove(delete.getRole());
		}
	}

	Call onOrOff(boolean on) {
		return on ? Call.of(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance())
				: Call.of(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance());
	}

	private static AuthUserAddRequest newUser(String user) {
		AuthUserAddRequest.Builder request = AuthUserAddRequest.newBuilder().setName(user);
		return user.equals("machine") ? request.setOptions(UserAddOptions.newBuilder().setNoPassword(true)).build()
				: request.setPassword(user).build();
	}

	private AuthRoleGrantPermissionRequest grant(String role) {
		Permission permission = Permission.newBuilder()
			.setPermTypeValue(this.dice.below(3))
			.setKey(key())
			.setRangeEnd(end())
			.build();
		return AuthRoleGrantPermissionRequest.newBuilder().setName(role).setPerm(permission).build();
	}

	/** What a user does with the server. */
	Call use() {
		int kind = this.dice.below(100);
		if (kind < 65) {
			return keysAndLeases();
		}
		return (kind < 80) ? electionsAndLocks() : (kind < 90) ? watch() : operators();
	}

	private Call keysAndLeases() {
		long lease = lease();
		return switch (this.dice.below(17)) {
			case 0, 1, 2 -> Call.of(KVGrpc.getRangeMethod(), range());
			case 3, 4, 5 -> Call.of(KVGrpc.getPutMethod(), put());
			case 6 -> Call.of(KVGrpc.getDeleteRangeMethod(), delete());
			case 7, 8, 9 -> Call.of(KVGrpc.getTxnMethod(), txn(2));
			case 10 -> Call.of(LeaseGrpc.getLeaseGrantMethod(),
					LeaseGrantRequest.newBuilder().setID(lease).setTTL(TTL_STEP_SECONDS * lease).build());
			case 11 -> Call.of(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(lease).build());
			case 12 -> Call.of(LeaseGrpc.getLeaseTimeToLiveMethod(),
					LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(this.dice.chance(70)).build());
			case 13 ->
				Call.of(LeaseGrpc.getLeaseKeepAliveMethod(), LeaseKeepAliveRequest.newBuilder().setID(lease).build());
			case 14 -> Call.of(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
			case 15 -> Call.of(KVGrpc.getRangeStreamMethod(), range());
			default -> Call.of(KVGrpc.getCompactMethod(), CompactionRequest.newBuilder().setRevision(1).build());
		};
	}

	/** Under names of their own, so that nobody has to wait for another. */
	private Call electionsAndLocks() {
		ByteString name = key().concat(ByteString.copyFromUtf8("/" + this.names++));
		LeaderKey leader = LeaderKey.newBuilder()
			.setName(key())
			.setKey(key())
			.setRev(this.dice.between(1, 9))
			.setLease(lease())
			.build();
		return switch (this.dice.below(6)) {
			case 0 -> Call.of(ElectionGrpc.getCampaignMethod(),
					CampaignRequest.newBuilder().setName(name).setLease(lease()).build());
			case 1 -> Call.of(ElectionGrpc.getProclaimMethod(), ProclaimRequest.newBuilder().setLeader(leader).build());
			case 2 -> Call.of(ElectionGrpc.getResignMethod(), ResignRequest.newBuilder().setLeader(leader).build());
			case 3 -> Call.of(ElectionGrpc.getLeaderMethod(), LeaderRequest.newBuilder().setName(key()).build());
			case 4 ->
				Call.of(LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(name).setLease(lease()).build());
			default -> Call.of(LockGrpc.getUnlockMethod(), UnlockRequest.newBuilder().setKey(key()).build());
		};
	}

	private Call watch() {
		ByteString key = this.dice.chance(10) ? ByteString.EMPTY : key();
		WatchCreateRequest create = WatchCreateRequest.newBuilder().setKey(key).setRangeEnd(endBehind(key)).build();
		return Call.of(WatchGrpc.getWatchMethod(), WatchRequest.newBuilder().setCreateRequest(create).build());
	}

	private Call operators() {
		AlarmRequest.AlarmAction action = this.dice
			.pick(List.of(AlarmRequest.AlarmAction.GET, AlarmRequest.AlarmAction.DEACTIVATE));
		return switch (this.dice.below(8)) {
			case 0 -> Call.of(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance());
			case 1 -> Call.of(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.getDefaultInstance());
			case 2 -> Call.of(ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(9).build());
			case 3 -> Call.of(MaintenanceGrpc.getAlarmMethod(),
					AlarmRequest.newBuilder().setAction(action).setAlarm(AlarmType.NOSPACE).build());
			case 4 -> Call.of(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
			case 5 -> Call.of(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
			case 6 ->
				Call.of(MaintenanceGrpc.getMoveLeaderMethod(), MoveLeaderRequest.newBuilder().setTargetID(9).build());
			default ->
				Call.of(MaintenanceGrpc.getDowngradeMethod(), DowngradeRequest.newBuilder().setVersion("x").build());
		};
	}

	private long lease() {
		return this.dice.between(1, 4);
	}

	private RangeRequest range() {
		ByteString key = key();
		return RangeRequest.newBuilder()
			.setKey(key)
			.setRangeEnd(endBehind(key))
			.setSerializable(this.dice.chance(30))
			.build();
	}

	private PutRequest put() {
		PutRequest.Builder put = PutRequest.newBuilder().setKey(key()).setValue(key()).setPrevKv(this.dice.chance(30));
		return this.dice.chance(30) ? put.setLease(this.dice.between(1, 4)).build() : put.build();
	}

	private DeleteRangeRequest delete() {
		ByteString key = key();
		return DeleteRangeRequest.newBuilder()
			.setKey(key)
			.setRangeEnd(endBehind(key))
			.setPrevKv(this.dice.chance(50))
			.build();
	}

	private TxnRequest txn(int depth) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		if (this.dice.chance(50)) {
			ByteString key = key();
			txn.addCompare(
					Compare.newBuilder().setKey(key).setRangeEnd(endBehind(key)).setTarget(Compare.CompareTarget.MOD));
		}
		return txn.addSuccess(op(depth)).addFailure(op(depth)).build();
	}

	private RequestOp op(int depth) {
		RequestOp.Builder op = RequestOp.newBuilder();
		return switch (this.dice.below((depth > 0) ? 4 : 3)) {
			case 0 -> op.setRequestRange(range()).build();
			case 1 -> op.setRequestPut(put()).build();
			case 2 -> op.setRequestDeleteRange(delete()).build();
			default -> op.setRequestTxn(txn(depth - 1)).build();
		};
	}

	private ByteString key() {
		return ByteString.copyFromUtf8(this.dice.pick(KEYS));
	}

	private ByteString end() {
		return ByteString.copyFromUtf8(this.dice.pick(ENDS));
	}

	/**
	 * An end that makes a range of several keys, or none. Whether etcd allows an empty
	 * range depends on the shape of the tree that it keeps permissions in.
	 */
	private ByteString endBehind(ByteString key) {
		ByteString end = end();
		boolean behind = ByteString.unsignedLexicographicalComparator().compare(end, key) > 0;
		return (behind || end.equals(ByteString.copyFromUtf8("\0"))) ? end : ByteString.EMPTY;
	}

}
