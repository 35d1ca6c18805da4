package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.stream.Stream;

import io.grpc.Status.Code;

/**
 * Every row of the contract's table of errors (etcd-contract section 3.1), in its order.
 * The codes are those on the wire, which are not always those of etcd's own table
 * (section 3.2).
 */
final class ErrorTable {

	private static final String LEARNERS = "needs a learner, and thus a second member";

	private static final String PEERS = "needs other members";

	private static final String LOST_QUORUM = "needs a cluster that cannot agree; one member always agrees with itself";

	private static final String START = "only in the first milliseconds of a cluster";

	private static final String GONE = "who could read it has gone";

	private ErrorTable() {
	}

	static Stream<ErrorRow> rows() {
		return Stream.of(requests(), members(), users(), cluster(), operations()).flatMap(List::stream);
	}

	private static List<ErrorRow> requests() {
		return List.of(ErrorRow.of("EmptyKey", Code.INVALID_ARGUMENT, "key is not provided", ErrorProbes::emptyKey),
				ErrorRow.of("KeyNotFound", Code.INVALID_ARGUMENT, "key not found", ErrorProbes::keyNotFound),
				ErrorRow.of("ValueProvided", Code.INVALID_ARGUMENT, "value is provided", ErrorProbes::valueProvided),
				ErrorRow.of("LeaseProvided", Code.INVALID_ARGUMENT, "lease is provided", ErrorProbes::leaseProvided),
				ErrorRow.of("TooManyOps", Code.INVALID_ARGUMENT, "too many operations in txn request",
						ErrorProbes::tooManyOps),
				ErrorRow.of("DuplicateKey", Code.INVALID_ARGUMENT, "duplicate key given in txn request",
						ErrorProbes::duplicateKey),
				ErrorRow.of("InvalidClientAPIVersion", Code.INVALID_ARGUMENT, "invalid client api version",
						ErrorProbes::invalidClientApiVersion),
				ErrorRow.of("InvalidSortOption", Code.INVALID_ARGUMENT, "invalid sort option",
						ErrorProbes::invalidSortOption),
				ErrorRow.of("Compacted", Code.OUT_OF_RANGE, "mvcc: required revision has been compacted",
						ErrorProbes::compacted),
				ErrorRow.of("FutureRev", Code.OUT_OF_RANGE, "mvcc: required revision is a future revision",
						ErrorProbes::futureRev),
				ErrorRow.of("NoSpace", Code.RESOURCE_EXHAUSTED, "mvcc: database space exceeded", ErrorProbes::noSpace),
				ErrorRow.of("LeaseNotFound", Code.NOT_FOUND, "requested lease not found", ErrorProbes::leaseNotFound),
				ErrorRow.of("LeaseExists", Code.FAILED_PRECONDITION, "lease already exists", ErrorProbes::leaseExists),
				ErrorRow.of("LeaseTTLTooLarge", Code.OUT_OF_RANGE, "too large lease TTL",
						ErrorProbes::leaseTtlTooLarge),
				ErrorRow.never("WatchCanceled", Code.CANCELLED, "watch canceled", GONE));
	}

	private static List<ErrorRow> members() {
		return List.of(
				ErrorRow.never("MemberExist", Code.FAILED_PRECONDITION, "member ID already exist",
						"two members would have to be added with the same URLs in one second, but those exist then"),
				ErrorRow.of("PeerURLExists", Code.FAILED_PRECONDITION, "Peer URLs already exists",
						ErrorProbes::peerUrlExists),
				ErrorRow.of("MemberNotEnoughStarted", Code.UNKNOWN,
						"re-configuration failed due to not enough started members", ErrorProbes::notEnoughStarted),
				ErrorRow.of("MemberBadURLs", Code.INVALID_ARGUMENT, "given member URLs are invalid",
						ErrorProbes::memberBadUrls),
				ErrorRow.of("MemberNotFound", Code.NOT_FOUND, "member not found", ErrorProbes::memberNotFound),
				ErrorRow.of("MemberNotLearner", Code.FAILED_PRECONDITION, "can only promote a learner member",
						ErrorProbes::memberNotLearner),
				ErrorRow.never("LearnerNotReady", Code.FAILED_PRECONDITION,
						"can only promote a learner member which is in sync with leader", LEARNERS),
				ErrorRow.never("TooManyLearners", Code.FAILED_PRECONDITION, "too many learner members in cluster",
						LEARNERS),
				ErrorRow.never("ClusterIDMismatch", Code.FAILED_PRECONDITION, "cluster ID mismatch", PEERS),
				ErrorRow.of("RequestTooLarge", Code.INVALID_ARGUMENT, "request is too large",
						ErrorProbes::requestTooLarge),
				ErrorRow.never("TooManyRequests", Code.UNKNOWN, "too many requests",
						"5000 requests would have to wait for a slow disk"));
	}

	private static List<ErrorRow> users() {
		return List.of(
				ErrorRow.of("RootUserNotExist", Code.FAILED_PRECONDITION, "root user does not exist",
						AuthErrorProbes::rootUserNotExist),
				ErrorRow.of("RootRoleNotExist", Code.FAILED_PRECONDITION, "root user does not have root role",
						AuthErrorProbes::rootRoleNotExist),
				ErrorRow.of("UserAlreadyExist", Code.FAILED_PRECONDITION, "user name already exists",
						AuthErrorProbes::userAlreadyExist),
				ErrorRow.of("UserEmpty", Code.INVALID_ARGUMENT, "user name is empty", AuthErrorProbes::userEmpty),
				ErrorRow.of("UserNotFound", Code.FAILED_PRECONDITION, "user name not found",
						AuthErrorProbes::userNotFound),
				ErrorRow.of("RoleAlreadyExist", Code.FAILED_PRECONDITION, "role name already exists",
						AuthErrorProbes::roleAlreadyExist),
				ErrorRow.of("RoleNotFound", Code.FAILED_PRECONDITION, "role name not found",
						AuthErrorProbes::roleNotFound),
				ErrorRow.of("RoleEmpty", Code.INVALID_ARGUMENT, "role name is empty", AuthErrorProbes::roleEmpty),
				ErrorRow.of("AuthFailed", Code.INVALID_ARGUMENT, "authentication failed, invalid user ID or password",
						AuthErrorProbes::authFailed),
				ErrorRow.of("PermissionNotGiven", Code.INVALID_ARGUMENT, "permission not given",
						AuthErrorProbes::permissionNotGiven),
				ErrorRow.of("PermissionDenied", Code.PERMISSION_DENIED, "permission denied",
						AuthErrorProbes::permissionDenied),
				ErrorRow.of("RoleNotGranted", Code.FAILED_PRECONDITION, "role is not granted to the user",
						AuthErrorProbes::roleNotGranted),
				ErrorRow.of("PermissionNotGranted", Code.FAILED_PRECONDITION, "permission is not granted to the role",
						AuthErrorProbes::permissionNotGranted),
				ErrorRow.of("AuthNotEnabled", Code.FAILED_PRECONDITION, "authentication is not enabled",
						AuthErrorProbes::authNotEnabled),
				ErrorRow.of("InvalidAuthToken", Code.UNAUTHENTICATED, "invalid auth token",
						AuthErrorProbes::invalidAuthToken),
				ErrorRow.of("InvalidAuthMgmt", Code.INVALID_ARGUMENT, "invalid auth management",
						AuthErrorProbes::invalidAuthMgmt),
				ErrorRow.never("AuthOldRevision", Code.INVALID_ARGUMENT, "revision of auth store is old",
						"a simple token is always of the present revision; a signed one needs keys"));
	}

	private static List<ErrorRow> cluster() {
		return List.of(ErrorRow.never("NoLeader", Code.UNAVAILABLE, "no leader", LOST_QUORUM),
				ErrorRow.never("NotLeader", Code.FAILED_PRECONDITION, "not leader", PEERS),
				ErrorRow.never("LeaderChanged", Code.UNAVAILABLE, "leader changed", PEERS),
				ErrorRow.never("NotCapable", Code.FAILED_PRECONDITION, "not capable", START),
				ErrorRow.never("Stopped", Code.UNAVAILABLE, "server stopped",
						"etcd closes its connections first; ours is tested by KvServerLifecycleTests"),
				ErrorRow.never("Timeout", Code.UNAVAILABLE, "request timed out", LOST_QUORUM),
				ErrorRow.never("TimeoutDueToLeaderFail", Code.UNAVAILABLE,
						"request timed out, possibly due to previous leader failure", PEERS),
				ErrorRow.never("TimeoutDueToConnectionLost", Code.UNAVAILABLE,
						"request timed out, possibly due to connection lost", PEERS),
				ErrorRow.never("TimeoutWaitAppliedIndex", Code.UNAVAILABLE,
						"request timed out, waiting for the applied index took too long", LOST_QUORUM),
				ErrorRow.never("Unhealthy", Code.UNAVAILABLE, "unhealthy cluster", PEERS),
				ErrorRow.of("Corrupt", Code.DATA_LOSS, "corrupt cluster", ErrorProbes::corrupt), ErrorRow.never(
						"NotSupportedForLearner", Code.FAILED_PRECONDITION, "rpc not supported for learner", LEARNERS));
	}

	private static List<ErrorRow> operations() {
		return List.of(
				ErrorRow.of("BadLeaderTransferee", Code.FAILED_PRECONDITION, "bad leader transferee",
						ErrorProbes::badLeaderTransferee),
				ErrorRow.of("WrongDowngradeVersionFormat", Code.INVALID_ARGUMENT,
						"wrong downgrade target version format", ErrorProbes::wrongDowngradeVersionFormat),
				ErrorRow.of("InvalidDowngradeTargetVersion", Code.INVALID_ARGUMENT, "invalid downgrade target version",
						ErrorProbes::invalidDowngradeTargetVersion),
				ErrorRow.never("ClusterVersionUnavailable", Code.FAILED_PRECONDITION,
						"cluster version not found during downgrade", START),
				ErrorRow.of("DowngradeInProcess", Code.FAILED_PRECONDITION, "cluster has a downgrade job in progress",
						ErrorProbes::downgradeInProcess),
				ErrorRow.never("NoInflightDowngrade", Code.FAILED_PRECONDITION, "no inflight downgrade job",
						"a cancellation without a plan is answered with success"),
				ErrorRow.never("RequestCanceled", Code.CANCELLED, "request canceled", GONE),
				ErrorRow.never("DeadlineExceeded", Code.DEADLINE_EXCEEDED, "context deadline exceeded",
						"a client ends a late call by itself, in its own words"));
	}

}
