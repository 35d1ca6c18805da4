package dev.kvserver.server.rpc;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.authpb.Role;
import dev.kvserver.proto.authpb.User;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGetResponse;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.AuthState;
import dev.kvserver.server.error.EtcdError;

/**
 * What callers may learn of users and roles: an administrator everything, others of
 * themselves and of their own roles.
 */
final class AuthReads {

	/** What the role {@code root} may do, whatever was granted to it. */
	private static final Permission EVERYTHING = Permission.newBuilder()
		.setPermType(Permission.Type.READWRITE)
		.setRangeEnd(ByteString.copyFrom(new byte[1]))
		.build();

	private AuthReads() {
	}

	static AuthUserGetResponse.Builder user(AuthState state, AuthInfo info, AuthUserGetRequest request) {
		if (!request.getName().equals(info.user())) {
			state.checkAdmin(info);
		}
		User user = state.user(request.getName());
		if (user == null) {
			throw EtcdError.USER_NOT_FOUND.exception();
		}
		return AuthUserGetResponse.newBuilder().addAllRoles(user.getRolesList());
	}

	static AuthRoleGetResponse.Builder role(AuthState state, AuthInfo info, AuthRoleGetRequest request) {
		User caller = state.user(info.user());
		if (caller == null || !caller.getRolesList().contains(request.getRole())) {
			state.checkAdmin(info);
		}
		Role role = state.role(request.getRole());
		if (role == null) {
			throw EtcdError.ROLE_NOT_FOUND.exception();
		}
		AuthRoleGetResponse.Builder response = AuthRoleGetResponse.newBuilder();
		return request.getRole().equals("root") ? response.addPerm(EVERYTHING)
				: response.addAllPerm(role.getKeyPermissionList());
	}

}
