package dev.kvserver.server.error;

import io.grpc.Status;

/**
 * Every error of etcd that this server raises: the exact text and the gRPC code it leaves
 * with. Go clients map errors by text, other clients by code, so both are part of the
 * contract (etcd-contract section 3.1).
 */
@SuppressWarnings("ImmutableEnumChecker") // Status is immutable, only not annotated so
public enum EtcdError {

	/** No key in a Range, Put, DeleteRange, Txn operation or compare. */
	EMPTY_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
	/**
	 * {@code ignore_value} or {@code ignore_lease} on an absent key; an empty operation.
	 */
	KEY_NOT_FOUND(Status.Code.INVALID_ARGUMENT, "etcdserver: key not found"),
	/** {@code ignore_value} together with a value. */
	VALUE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
	/** {@code ignore_lease} together with a lease. */
	LEASE_PROVIDED(Status.Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
	/** More operations in a txn than allowed. */
	TOO_MANY_OPS(Status.Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
	/** A key put twice, or put and deleted, by one branch of a txn. */
	DUPLICATE_KEY(Status.Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
	/** A sort order or target that does not exist. */
	INVALID_SORT_OPTION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
	/** The {@code client-api-version} metadata is not UTF-8. */
	INVALID_CLIENT_API_VERSION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid client api version"),
	/** The revision asked for is below the compact revision. */
	COMPACTED(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
	/** The revision asked for is above the current one. */
	FUTURE_REV(Status.Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
	/** A Put or revoke names a lease that does not exist. */
	LEASE_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: requested lease not found"),
	/** A grant names a lease that exists already. */
	LEASE_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
	/** A grant asks for more than 9,000,000,000 seconds. */
	LEASE_TTL_TOO_LARGE(Status.Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
	/** The quota is reached, or an alarm says that it was. */
	NO_SPACE(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
	/** An alarm says that the data of a member is not to be trusted. */
	CORRUPT(Status.Code.DATA_LOSS, "etcdserver: corrupt cluster"),
	/** Leadership is to be given to somebody who cannot take it. */
	BAD_LEADER_TRANSFEREE(Status.Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),
	/** A version to downgrade to that is no version. */
	WRONG_DOWNGRADE_VERSION_FORMAT(Status.Code.INVALID_ARGUMENT, "etcdserver: wrong downgrade target version format"),
	/** A version to downgrade to that is not one minor version below. */
	INVALID_DOWNGRADE_TARGET_VERSION(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid downgrade target version"),
	/** A downgrade was enabled before. */
	DOWNGRADE_IN_PROCESS(Status.Code.FAILED_PRECONDITION, "etcdserver: cluster has a downgrade job in progress"),
	/** An enumeration with a number nobody knows. */
	UNKNOWN_METHOD(Status.Code.UNKNOWN, "etcdserver: unknown method"),
	/** There is no such member. */
	MEMBER_NOT_FOUND(Status.Code.NOT_FOUND, "etcdserver: member not found"),
	/** A member with that peer URL exists. */
	PEER_URL_EXISTS(Status.Code.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists"),
	/** A URL of a member is not one. */
	MEMBER_BAD_URLS(Status.Code.INVALID_ARGUMENT, "etcdserver: given member URLs are invalid"),
	/** A member that votes already is to be promoted. */
	MEMBER_NOT_LEARNER(Status.Code.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"),
	/**
	 * Too few members would be left. By etcd's table FailedPrecondition, but not on the
	 * wire.
	 */
	MEMBER_NOT_ENOUGH_STARTED(Status.Code.UNKNOWN,
			"etcdserver: re-configuration failed due to not enough started members"),
	/** The client cancelled its Watch call. */
	WATCH_CANCELED(Status.Code.CANCELLED, "etcdserver: watch canceled"),
	/** The encoded request exceeds the limit. */
	REQUEST_TOO_LARGE(Status.Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
	/**
	 * Applying is too far behind. etcd lists ResourceExhausted but sends Unknown; so do
	 * we (section 3.2).
	 */
	TOO_MANY_REQUESTS(Status.Code.UNKNOWN, "etcdserver: too many requests"),
	/** Auth cannot be enabled: there is no user {@code root}. */
	ROOT_USER_NOT_EXIST(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
	/** Auth cannot be enabled: user {@code root} does not hold the role {@code root}. */
	ROOT_ROLE_NOT_EXIST(Status.Code.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
	/** A user to be added exists already. */
	USER_ALREADY_EXIST(Status.Code.FAILED_PRECONDITION, "etcdserver: user name already exists"),
	/** A user without a name; also any call without credentials while auth is enabled. */
	USER_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: user name is empty"),
	/** There is no such user. */
	USER_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: user name not found"),
	/** A role to be added exists already. */
	ROLE_ALREADY_EXIST(Status.Code.FAILED_PRECONDITION, "etcdserver: role name already exists"),
	/** There is no such role. */
	ROLE_NOT_FOUND(Status.Code.FAILED_PRECONDITION, "etcdserver: role name not found"),
	/** A role without a name. */
	ROLE_EMPTY(Status.Code.INVALID_ARGUMENT, "etcdserver: role name is empty"),
	/** A login with an unknown user or a wrong password. */
	AUTH_FAILED(Status.Code.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
	/** A grant without a permission. */
	PERMISSION_NOT_GIVEN(Status.Code.INVALID_ARGUMENT, "etcdserver: permission not given"),
	/** The caller may not do that. */
	PERMISSION_DENIED(Status.Code.PERMISSION_DENIED, "etcdserver: permission denied"),
	/** A role to be revoked from a user that does not hold it. */
	ROLE_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
	/** A permission to be revoked from a role that does not have it. */
	PERMISSION_NOT_GRANTED(Status.Code.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
	/** A login while auth is disabled. */
	AUTH_NOT_ENABLED(Status.Code.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
	/** A token nobody was given, or one that has expired. */
	INVALID_AUTH_TOKEN(Status.Code.UNAUTHENTICATED, "etcdserver: invalid auth token"),
	/** A change that would lock everybody out, or a permission on an impossible range. */
	INVALID_AUTH_MGMT(Status.Code.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
	/** Users or roles have changed since the caller's identity was established. */
	AUTH_OLD_REVISION(Status.Code.INVALID_ARGUMENT, "etcdserver: revision of auth store is old"),
	/**
	 * A login with a password of a user that has none. Not in etcd's table, so without a
	 * code.
	 */
	NO_PASSWORD_USER(Status.Code.UNKNOWN, "auth: authentication failed, password was given for no password user"),
	/** A login at a server that has only the public key. */
	TOKEN_VERIFY_ONLY(Status.Code.UNKNOWN, "auth: token signing attempted with verify-only key"),
	/** More bytes than bcrypt takes. */
	PASSWORD_TOO_LONG(Status.Code.UNKNOWN, "bcrypt: password length exceeds 72 bytes"),
	/** The server is stopping, or its log has failed. */
	STOPPED(Status.Code.UNAVAILABLE, "etcdserver: server stopped");

	private final Status status;

	private final EtcdException exception;

	EtcdError(Status.Code code, String text) {
		this.status = Status.fromCode(code).withDescription(text);
		this.exception = new EtcdException(this, text);
	}

	/**
	 * What the client gets.
	 * @return code and text
	 */
	public Status status() {
		return this.status;
	}

	/**
	 * The exact text.
	 * @return etcd's message
	 */
	public String text() {
		return this.exception.text();
	}

	/**
	 * The exception to throw: stackless and shared, so raising it costs nothing.
	 * @return the exception
	 */
	public EtcdException exception() {
		return this.exception;
	}

}
