package dev.kvserver.server.apply;

import java.util.function.LongSupplier;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AuthDisableResponse;
import dev.kvserver.proto.etcdserverpb.AuthEnableResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleDeleteResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleRevokePermissionResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserAddResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserDeleteResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserRevokeRoleResponse;
import dev.kvserver.proto.etcdserverpb.AuthenticateResponse;
import dev.kvserver.proto.etcdserverpb.InternalAuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.storage.WriteBatch;
import org.jspecify.annotations.Nullable;

/** Carries the changes of users and roles out. Apply thread only. */
final class AuthRequests {

	private final MvccStore store;

	private final AuthStore auth;

	private final LongSupplier index;

	/** Takes also what tells the index of the entry that is being applied. */
	AuthRequests(MvccStore store, AuthStore auth, LongSupplier index) {
		this.store = store;
		this.auth = auth;
		this.index = index;
	}

	/** Carries a request out; null if it is about something else. */
	Message.@Nullable Builder apply(InternalRaftRequest request) {
		WriteBatch batch = this.store.batch();
		if (request.hasAuthenticate()) {
			return login(request.getAuthenticate());
		}
		if (request.hasAuthEnable()) {
			this.auth.enable(batch);
			return headed(AuthEnableResponse.newBuilder());
		}
		if (request.hasAuthDisable()) {
			this.auth.disable(batch);
			return headed(AuthDisableResponse.newBuilder());
		}
		Message.Builder ofUser = applyToUser(request, batch);
		return (ofUser != null) ? ofUser : applyToRole(request, batch);
	}

	private AuthenticateResponse.Builder login(InternalAuthenticateRequest request) {
		String noted = this.auth.login(request.getName(), request.getSimpleToken(), this.index.getAsLong());
		AuthenticateResponse.Builder response = AuthenticateResponse.newBuilder().setToken(noted);
		response.getHeaderBuilder().setRevision(this.store.revision());
		return response;
	}

	private Message.@Nullable Builder applyToUser(InternalRaftRequest request, WriteBatch batch) {
		if (request.hasAuthUserAdd()) {
			this.auth.addUser(request.getAuthUserAdd(), batch);
			return headed(AuthUserAddResponse.newBuilder());
		}
		if (request.hasAuthUserDelete()) {
			this.auth.deleteUser(request.getAuthUserDelete().getName(), batch);
			return headed(AuthUserDeleteResponse.newBuilder());
		}
		if (request.hasAuthUserChangePassword()) {
			this.auth.changePassword(request.getAuthUserChangePassword(), batch);
			return headed(AuthUserChangePasswordResponse.newBuilder());
		}
		if (request.hasAuthUserGrantRole()) {
			AuthUserGrantRoleRequest grant = request.getAuthUserGrantRole();
			this.auth.grantRole(grant.getUser(), grant.getRole(), batch);
			return headed(AuthUserGrantRoleResponse.newBuilder());
		}
		if (request.hasAuthUserRevokeRole()) {
			AuthUserRevokeRoleRequest revoke = request.getAuthUserRevokeRole();
			this.auth.revokeRole(revoke.getName(), revoke.getRole(), batch);
			return headed(AuthUserRevokeRoleResponse.newBuilder());
		}
		return null;
	}

	private Message.@Nullable Builder applyToRole(InternalRaftRequest request, WriteBatch batch) {
		if (request.hasAuthRoleAdd()) {
			this.auth.addRole(request.getAuthRoleAdd().getName(), batch);
			return headed(AuthRoleAddResponse.newBuilder());
		}
		if (request.hasAuthRoleDelete()) {
			this.auth.deleteRole(request.getAuthRoleDelete().getRole(), batch);
			return headed(AuthRoleDeleteResponse.newBuilder());
		}
		if (request.hasAuthRoleGrantPermission()) {
			this.auth.grantPermission(request.getAuthRoleGrantPermission(), batch);
			return headed(AuthRoleGrantPermissionResponse.newBuilder());
		}
		if (request.hasAuthRoleRevokePermission()) {
			this.auth.revokePermission(request.getAuthRoleRevokePermission(), batch);
			return headed(AuthRoleRevokePermissionResponse.newBuilder());
		}
		return null;
	}

	private Message.Builder headed(Message.Builder response) {
		return ResponseHeaders.withRevision(response, this.store.revision());
	}

}
