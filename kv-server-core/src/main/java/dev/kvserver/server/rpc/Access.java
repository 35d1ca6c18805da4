package dev.kvserver.server.rpc;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestHeader;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.apply.RequestPermissions;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.AuthState;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.lease.Lease;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import org.jspecify.annotations.Nullable;

/**
 * What the services ask about their callers. Each check returns at once while auth is
 * disabled, after one volatile read, and otherwise throws what the client gets.
 * <p>
 * Any thread; nothing here blocks.
 */
public final class Access {

	private final AuthStore auth;

	/**
	 * Asks about callers.
	 * @param auth users, roles and tokens
	 */
	public Access(AuthStore auth) {
		this.auth = auth;
	}

	/**
	 * What the call that is being begun on this thread came with. To be asked for within
	 * the method's invocation.
	 * @return the credentials, none while auth is disabled
	 */
	public Credentials ofCall() {
		return this.auth.state().enabled() ? AuthInterceptor.credentials() : Credentials.NONE;
	}

	/** Checks a range, before it is read; the answer is for {@link #checkUnchanged}. */
	AuthInfo checkRead(Credentials credentials, RangeRequest request) {
		AuthState state = this.auth.state();
		if (!state.enabled()) {
			return AuthInfo.NOBODY;
		}
		AuthInfo info = this.auth.identify(credentials, state);
		new RequestPermissions(state, info, Access::noKeys).check(request);
		return info;
	}

	/** Checks a txn that only reads. */
	AuthInfo checkRead(Credentials credentials, TxnRequest request) {
		AuthState state = this.auth.state();
		if (!state.enabled()) {
			return AuthInfo.NOBODY;
		}
		AuthInfo info = this.auth.identify(credentials, state);
		new RequestPermissions(state, info, Access::noKeys).check(request);
		return info;
	}

	/** What only reads attaches nothing to a lease. */
	private static List<byte[]> noKeys(long lease) {
		throw new IllegalStateException("lease " + lease + " (expected: a request that only reads)");
	}

	/** Checks that users and roles are still those that a read was allowed by. */
	void checkUnchanged(AuthInfo info) {
		if (!info.isNobody()) {
			this.auth.checkUnchanged(info);
		}
	}

	/** Checks that a watcher may be made. */
	void checkWatch(Credentials credentials, KeyRange range) {
		AuthState state = this.auth.state();
		if (state.enabled()) {
			state.checkRead(this.auth.identify(credentials, state), range);
		}
	}

	/**
	 * Checks that there is a caller.
	 * @param credentials what the caller shows
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_TOKEN} or
	 * {@code USER_EMPTY}
	 */
	public void checkUser(Credentials credentials) {
		AuthState state = this.auth.state();
		if (state.enabled()) {
			state.checkUser(this.auth.identify(credentials, state));
		}
	}

	/**
	 * Checks that the caller holds the role {@code root}.
	 * @param credentials what the caller shows
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_TOKEN},
	 * {@code USER_EMPTY}, {@code USER_NOT_FOUND} or {@code PERMISSION_DENIED}
	 */
	public void checkAdmin(Credentials credentials) {
		AuthState state = this.auth.state();
		if (state.enabled()) {
			state.checkAdmin(this.auth.identify(credentials, state));
		}
	}

	/**
	 * Checks that the caller may keep a lease alive: it must be able to write its keys.
	 */
	void checkRenew(Credentials credentials, @Nullable Lease lease) {
		AuthState state = this.auth.state();
		AuthInfo info = limited(credentials, state);
		if (info == null) {
			return;
		}
		List<byte[]> keys = (lease != null) ? lease.keys() : List.of();
		for (byte[] key : keys) {
			state.checkWrite(info, KeyRange.single(key));
		}
		this.auth.checkUnchanged(state.revision());
	}

	/**
	 * Checks that the caller may know of these leases: it must be able to read all keys.
	 */
	void checkLeases(Credentials credentials, Iterable<Lease> leases) {
		AuthState state = this.auth.state();
		AuthInfo info = limited(credentials, state);
		if (info == null) {
			return;
		}
		for (Lease lease : leases) {
			checkRead(state, info, lease.keys());
		}
		this.auth.checkUnchanged(state.revision());
	}

	/** Checks that the caller may know the names of keys. */
	void checkKeys(Credentials credentials, List<byte[]> keys) {
		AuthState state = this.auth.state();
		AuthInfo info = limited(credentials, state);
		if (info != null) {
			checkRead(state, info, keys);
			this.auth.checkUnchanged(state.revision());
		}
	}

	private static void checkRead(AuthState state, AuthInfo info, List<byte[]> keys) {
		for (byte[] key : keys) {
			state.checkRead(info, KeyRange.single(key));
		}
	}

	/** The caller, if there are keys that it may not touch. */
	private @Nullable AuthInfo limited(Credentials credentials, AuthState state) {
		if (!state.enabled()) {
			return null;
		}
		AuthInfo info = this.auth.identify(credentials, state);
		state.checkUser(info);
		return state.isAdmin(info) ? null : info;
	}

	/** Who the caller is; nobody while auth is disabled. */
	AuthInfo identify(Credentials credentials) {
		return this.auth.identify(credentials, this.auth.state());
	}

	/** Users and roles. */
	AuthState state() {
		return this.auth.state();
	}

	/**
	 * Proposes a request in a caller's name, which is checked when it is applied. An
	 * invalid token is refused at once.
	 * @param proposer the way into the log
	 * @param credentials what the caller shows
	 * @param request the request, valid by the service's own checks
	 * @param completion told the outcome
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_TOKEN}
	 */
	public void propose(Proposer proposer, Credentials credentials, InternalRaftRequest.Builder request,
			Completion completion) {
		AuthInfo info = identify(credentials);
		if (!info.isNobody()) {
			request.setHeader(RequestHeader.newBuilder().setUsername(info.user()).setAuthRevision(info.revision()));
		}
		proposer.propose(request.build(), completion);
	}

}
