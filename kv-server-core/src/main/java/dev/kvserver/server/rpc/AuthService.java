package dev.kvserver.server.rpc;

import java.util.function.Function;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AuthDisableRequest;
import dev.kvserver.proto.etcdserverpb.AuthDisableResponse;
import dev.kvserver.proto.etcdserverpb.AuthEnableRequest;
import dev.kvserver.proto.etcdserverpb.AuthEnableResponse;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleDeleteRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleDeleteResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleListRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleListResponse;
import dev.kvserver.proto.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleRevokePermissionResponse;
import dev.kvserver.proto.etcdserverpb.AuthStatusRequest;
import dev.kvserver.proto.etcdserverpb.AuthStatusResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserDeleteRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserDeleteResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGetResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserListRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserListResponse;
import dev.kvserver.proto.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserRevokeRoleResponse;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateResponse;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.AuthState;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.auth.Passwords;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.log.ReadBarrier;
import io.grpc.stub.StreamObserver;

/**
 * {@code etcdserverpb.Auth}: changes go through the log, questions are answered from the
 * newest state behind the read barrier. Passwords are hashed before they reach the log.
 */
public final class AuthService extends AuthGrpc.AuthImplBase {

	private final Access access;

	private final Logins logins;

	private final Proposer proposer;

	private final ReadBarrier barrier;

	private final ResponseHeaders headers;

	/**
	 * Makes the service.
	 * @param access asks about callers
	 * @param logins checks and hashes passwords
	 * @param proposer the way into the log
	 * @param barrier what reads wait for
	 * @param headers fills response headers
	 */
	public AuthService(Access access, Logins logins, Proposer proposer, ReadBarrier barrier, ResponseHeaders headers) {
		this.access = access;
		this.logins = logins;
		this.proposer = proposer;
		this.barrier = barrier;
		this.headers = headers;
	}

	@Override
	public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthEnable(request), observer);
	}

	@Override
	public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthDisable(request), observer);
	}

	@Override
	public void authenticate(AuthenticateRequest request, StreamObserver<AuthenticateResponse> observer) {
		this.logins.authenticate(request, new Answer<>(observer));
	}

	/** Anybody may ask, but not with an invalid token. */
	@Override
	public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> observer) {
		read(observer, (info) -> {
			AuthState state = this.access.state();
			return AuthStatusResponse.newBuilder()
				.setHeader(this.headers.current())
				.setEnabled(state.enabled())
				.setAuthRevision(state.revision())
				.build();
		});
	}

	@Override
	public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> observer) {
		if (request.getOptions().getNoPassword()) {
			propose(InternalRaftRequest.newBuilder().setAuthUserAdd(request.toBuilder().clearPassword()), observer);
			return;
		}
		hash(request.getPassword(), observer, (hash) -> InternalRaftRequest.newBuilder()
			.setAuthUserAdd(request.toBuilder().clearPassword().setHashedPassword(hash)));
	}

	@Override
	public void userChangePassword(AuthUserChangePasswordRequest request,
			StreamObserver<AuthUserChangePasswordResponse> observer) {
		if (request.getPassword().isEmpty()) {
			propose(InternalRaftRequest.newBuilder().setAuthUserChangePassword(request), observer);
			return;
		}
		hash(request.getPassword(), observer, (hash) -> InternalRaftRequest.newBuilder()
			.setAuthUserChangePassword(request.toBuilder().clearPassword().setHashedPassword(hash)));
	}

	@Override
	public void userDelete(AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthUserDelete(request), observer);
	}

	@Override
	public void userGrantRole(AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthUserGrantRole(request), observer);
	}

	@Override
	public void userRevokeRole(AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthUserRevokeRole(request), observer);
	}

	@Override
	public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> observer) {
		read(observer,
				(info) -> AuthReads.user(this.access.state(), info, request).setHeader(this.headers.current()).build());
	}

	@Override
	public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> observer) {
		read(observer, (info) -> {
			AuthState state = this.access.state();
			state.checkAdmin(info);
			return AuthUserListResponse.newBuilder()
				.setHeader(this.headers.current())
				.addAllUsers(state.userNames())
				.build();
		});
	}

	@Override
	public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthRoleAdd(request), observer);
	}

	@Override
	public void roleDelete(AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthRoleDelete(request), observer);
	}

	@Override
	public void roleGrantPermission(AuthRoleGrantPermissionRequest request,
			StreamObserver<AuthRoleGrantPermissionResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthRoleGrantPermission(request), observer);
	}

	@Override
	public void roleRevokePermission(AuthRoleRevokePermissionRequest request,
			StreamObserver<AuthRoleRevokePermissionResponse> observer) {
		propose(InternalRaftRequest.newBuilder().setAuthRoleRevokePermission(request), observer);
	}

	@Override
	public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> observer) {
		read(observer,
				(info) -> AuthReads.role(this.access.state(), info, request).setHeader(this.headers.current()).build());
	}

	@Override
	public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> observer) {
		read(observer, (info) -> {
			AuthState state = this.access.state();
			state.checkAdmin(info);
			return AuthRoleListResponse.newBuilder()
				.setHeader(this.headers.current())
				.addAllRoles(state.roleNames())
				.build();
		});
	}

	/** Refuses who may not add users before any work is done for it. */
	private <T extends Message> void hash(String password, StreamObserver<T> observer,
			Function<String, InternalRaftRequest.Builder> request) {
		Answer<T> answer = new Answer<>(observer);
		Credentials credentials = this.access.ofCall();
		try {
			Passwords.checkLength(password);
			this.access.checkAdmin(credentials);
		}
		catch (EtcdException ex) {
			answer.failed(ex);
			return;
		}
		this.logins.hash(password, answer,
				(hash) -> this.access.propose(this.proposer, credentials, request.apply(hash), answer));
	}

	private <T extends Message> void propose(InternalRaftRequest.Builder request, StreamObserver<T> observer) {
		Answer<T> answer = new Answer<>(observer);
		Attempt.now(answer, () -> this.access.propose(this.proposer, this.access.ofCall(), request, answer));
	}

	/** Answers with the caller as known now, from the state as of then. */
	private <T extends Message> void read(StreamObserver<T> observer, Function<AuthInfo, Message> reader) {
		Answer<T> answer = new Answer<>(observer);
		Credentials credentials = this.access.ofCall();
		this.barrier.await(Attempt.behind(answer, () -> answer.done(reader.apply(this.access.identify(credentials)))));
	}

}
