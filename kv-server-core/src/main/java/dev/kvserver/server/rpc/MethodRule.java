package dev.kvserver.server.rpc;

import java.util.HashMap;
import java.util.Map;

/**
 * Who may call a method while auth is enabled (etcd-contract section 2.13). The rules go
 * by the method that gRPC has resolved, never by the path of the request, and a method
 * without a rule is for nobody.
 */
enum MethodRule {

	/** Needs no credentials. */
	ANYONE,
	/** Needs a caller, whoever it is. */
	USER,
	/** Needs a caller with the role {@code root}. */
	ADMIN,
	/** Needs a caller to look, and one with the role {@code root} to change. */
	USER_TO_GET,
	/** Depends on the request: the service or the apply thread asks. */
	PER_REQUEST,
	/** Nobody has thought about it yet. */
	NONE;

	private static final Map<String, MethodRule> RULES = new HashMap<>();

	static {
		rules("etcdserverpb.KV", PER_REQUEST, "Range", "RangeStream", "Put", "DeleteRange", "Txn");
		rules("etcdserverpb.KV", ADMIN, "Compact");
		rules("etcdserverpb.Watch", PER_REQUEST, "Watch");
		rules("etcdserverpb.Lease", USER, "LeaseGrant", "LeaseRevoke", "LeaseTimeToLive", "LeaseLeases");
		rules("etcdserverpb.Lease", PER_REQUEST, "LeaseKeepAlive");
		rules("etcdserverpb.Cluster", USER, "MemberList");
		rules("etcdserverpb.Cluster", ADMIN, "MemberRemove", "MemberUpdate", "MemberPromote");
		rules("etcdserverpb.Cluster", PER_REQUEST, "MemberAdd");
		rules("etcdserverpb.Maintenance", USER, "Status");
		rules("etcdserverpb.Maintenance", ADMIN, "Defragment", "Hash", "HashKV", "Snapshot", "MoveLeader", "Downgrade");
		rules("etcdserverpb.Maintenance", USER_TO_GET, "Alarm");
		rules("etcdserverpb.Auth", ANYONE, "Authenticate");
		rules("etcdserverpb.Auth", PER_REQUEST, "AuthStatus", "AuthEnable", "AuthDisable", "UserAdd", "UserGet",
				"UserList", "UserDelete", "UserChangePassword", "UserGrantRole", "UserRevokeRole", "RoleAdd", "RoleGet",
				"RoleList", "RoleDelete", "RoleGrantPermission", "RoleRevokePermission");
		rules("v3electionpb.Election", PER_REQUEST, "Campaign", "Proclaim", "Leader", "Observe", "Resign");
		rules("v3lockpb.Lock", PER_REQUEST, "Lock", "Unlock");
		rules("grpc.health.v1.Health", ANYONE, "Check", "List", "Watch");
		rules("grpc.reflection.v1.ServerReflection", ANYONE, "ServerReflectionInfo");
		rules("grpc.reflection.v1alpha.ServerReflection", ANYONE, "ServerReflectionInfo");
		rules("grpc.channelz.v1.Channelz", ADMIN, "GetTopChannels", "GetServers", "GetServer", "GetServerSockets",
				"GetChannel", "GetSubchannel", "GetSocket");
	}

	private static void rules(String service, MethodRule rule, String... methods) {
		for (String method : methods) {
			RULES.put(service + "/" + method, rule);
		}
	}

	/** The rule of a method, by its full name without a leading slash. */
	static MethodRule of(String fullMethodName) {
		return RULES.getOrDefault(fullMethodName, NONE);
	}

}
