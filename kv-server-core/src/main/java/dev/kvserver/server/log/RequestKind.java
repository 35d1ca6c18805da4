package dev.kvserver.server.log;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;

/**
 * The kinds of requests that go through the log, with the names etcd has for them in its
 * metrics. What is frequent comes first, because the first that fits is taken.
 */
public enum RequestKind {

	/** A put. */
	PUT("Put", InternalRaftRequest::hasPut),
	/** A transaction that may write. */
	TXN("Txn", InternalRaftRequest::hasTxn),
	/** A delete. */
	DELETE_RANGE("DeleteRange", InternalRaftRequest::hasDeleteRange),
	/** A grant of a lease. */
	LEASE_GRANT("LeaseGrant", InternalRaftRequest::hasLeaseGrant),
	/** The end of a lease, or, in one entry of ours, of several that have expired. */
	LEASE_REVOKE("LeaseRevoke", (request) -> request.hasLeaseRevoke() || request.hasLeaseExpire()),
	/** The times that leases have left. */
	LEASE_CHECKPOINT("LeaseCheckpoint", InternalRaftRequest::hasLeaseCheckpoint),
	/** A compaction. */
	COMPACTION("Compaction", InternalRaftRequest::hasCompaction),
	/** An alarm. */
	ALARM("Alarm", InternalRaftRequest::hasAlarm),
	/** A login. */
	AUTHENTICATE("Authenticate", InternalRaftRequest::hasAuthenticate),
	/** Enabling authentication. */
	AUTH_ENABLE("AuthEnable", InternalRaftRequest::hasAuthEnable),
	/** Disabling it. */
	AUTH_DISABLE("AuthDisable", InternalRaftRequest::hasAuthDisable),
	/** A new user. */
	USER_ADD("AuthUserAdd", InternalRaftRequest::hasAuthUserAdd),
	/** The end of a user. */
	USER_DELETE("AuthUserDelete", InternalRaftRequest::hasAuthUserDelete),
	/** Another password. */
	USER_CHANGE_PASSWORD("AuthUserChangePassword", InternalRaftRequest::hasAuthUserChangePassword),
	/** A role for a user. */
	USER_GRANT_ROLE("AuthUserGrantRole", InternalRaftRequest::hasAuthUserGrantRole),
	/** A role less for a user. */
	USER_REVOKE_ROLE("AuthUserRevokeRole", InternalRaftRequest::hasAuthUserRevokeRole),
	/** A new role. */
	ROLE_ADD("AuthRoleAdd", InternalRaftRequest::hasAuthRoleAdd),
	/** The end of a role. */
	ROLE_DELETE("AuthRoleDelete", InternalRaftRequest::hasAuthRoleDelete),
	/** A permission for a role. */
	ROLE_GRANT_PERMISSION("AuthRoleGrantPermission", InternalRaftRequest::hasAuthRoleGrantPermission),
	/** A permission less for a role. */
	ROLE_REVOKE_PERMISSION("AuthRoleRevokePermission", InternalRaftRequest::hasAuthRoleRevokePermission),
	/** The version of the cluster. */
	CLUSTER_VERSION_SET("ClusterVersionSet", InternalRaftRequest::hasClusterVersionSet),
	/** What a member tells about itself. */
	CLUSTER_MEMBER_ATTR_SET("ClusterMemberAttrSet", InternalRaftRequest::hasClusterMemberAttrSet),
	/** A downgrade. */
	DOWNGRADE_INFO_SET("DowngradeInfoSet", InternalRaftRequest::hasDowngradeInfoSet),
	/** A change of members, which etcd's log has in another form and does not count. */
	MEMBERS("", (request) -> true);

	private static final RequestKind[] ALL = values();

	private final String text;

	@SuppressWarnings("ImmutableEnumChecker") // functions without state
	private final Predicate<InternalRaftRequest> fits;

	RequestKind(String text, Predicate<InternalRaftRequest> fits) {
		this.text = text;
		this.fits = fits;
	}

	/**
	 * The kind of a request.
	 * @param request the request
	 * @return its kind
	 */
	public static RequestKind of(InternalRaftRequest request) {
		for (RequestKind kind : ALL) {
			if (kind.fits.test(request)) {
				return kind;
			}
		}
		throw new IllegalStateException("the last kind fits all requests");
	}

	/**
	 * How many requests of its kind a request stands for.
	 * @param request the request
	 * @return the number, more than 1 only for leases that have expired
	 */
	public static int count(InternalRaftRequest request) {
		return request.hasLeaseExpire() ? Math.max(1, request.getLeaseExpire().getIDsCount()) : 1;
	}

	/**
	 * Where {@link #names()} has its name.
	 * @return the number, from 0
	 */
	@SuppressWarnings("EnumOrdinal") // an index for this life of the program only
	public int number() {
		return ordinal();
	}

	/**
	 * Whether requests of this kind are counted.
	 * @return {@code true} if they are
	 */
	public boolean isCounted() {
		return this != MEMBERS;
	}

	/**
	 * Etcd's names, in the order of the kinds.
	 * @return the names
	 */
	public static List<String> names() {
		return Stream.of(ALL).map((kind) -> kind.text).toList();
	}

}
