package dev.kvserver.server.apply;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.RequestHeader;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.AuthState;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.lease.Lessor;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether the caller may make a change, at the very moment it is made: between the
 * call and its turn in the log, users and roles may have changed. Apply thread only.
 * Answers to etcd's {@code apply/auth.go}.
 */
final class AuthApplier implements Applier {

	private final AuthStore auth;

	private final Lessor lessor;

	private final Applier next;

	AuthApplier(AuthStore auth, Lessor lessor, Applier next) {
		this.auth = auth;
		this.lessor = lessor;
		this.next = next;
	}

	@Override
	public Message.@Nullable Builder apply(InternalRaftRequest request, @Nullable PhysicalCompaction waiting) {
		AuthState state = this.auth.current();
		if (state.enabled()) {
			check(request, state, caller(request));
		}
		return this.next.apply(request, waiting);
	}

	private static AuthInfo caller(InternalRaftRequest request) {
		if (!request.hasHeader()) {
			return AuthInfo.NOBODY;
		}
		RequestHeader header = request.getHeader();
		return new AuthInfo(header.getUsername(), header.getAuthRevision());
	}

	private void check(InternalRaftRequest request, AuthState state, AuthInfo caller) {
		RequestPermissions permissions = new RequestPermissions(state, caller, this.lessor::attachedKeys);
		if (request.hasPut()) {
			permissions.check(request.getPut());
		}
		else if (request.hasTxn()) {
			permissions.check(request.getTxn());
		}
		else if (request.hasDeleteRange()) {
			permissions.check(request.getDeleteRange());
		}
		else if (request.hasLeaseRevoke()) {
			permissions.checkLease(request.getLeaseRevoke().getID());
		}
		else if (!isOfServer(request) && !isCheckedBefore(request)) {
			state.checkAdmin(caller);
		}
	}

	/** What no client can ask for. */
	private static boolean isOfServer(InternalRaftRequest request) {
		return request.hasLeaseExpire() || request.hasLeaseCheckpoint() || request.hasAuthenticate()
				|| request.hasClusterVersionSet() || request.hasClusterMemberAttrSet() || request.hasDowngradeInfoSet();
	}

	/** What needs nothing of the state here that the service has not asked for. */
	private static boolean isCheckedBefore(InternalRaftRequest request) {
		return request.hasLeaseGrant() || request.hasCompaction() || request.hasAlarm() || request.hasMemberUpdate();
	}

}
