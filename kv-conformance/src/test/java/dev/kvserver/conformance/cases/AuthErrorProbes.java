package dev.kvserver.conformance.cases;

import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.etcdserverpb.AuthDisableRequest;
import dev.kvserver.proto.etcdserverpb.AuthEnableRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleDeleteRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserDeleteRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserRevokeRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.RangeRequest;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Makes the errors of the {@link ErrorTable} happen that are about users and roles. What
 * a probe changes it changes back.
 */
final class AuthErrorProbes {

	private static final String ROOT = "root";

	private static final String GUEST = "guest";

	private AuthErrorProbes() {
	}

	static Outcome rootUserNotExist(Recorder server) {
		return enable(server);
	}

	static Outcome rootRoleNotExist(Recorder server) {
		return withUser(server, ROOT, () -> enable(server));
	}

	static Outcome userAlreadyExist(Recorder server) {
		return withUser(server, GUEST, () -> add(server, GUEST));
	}

	static Outcome userEmpty(Recorder server) {
		return add(server, "");
	}

	static Outcome userNotFound(Recorder server) {
		return server.ask(AuthGrpc.getUserGetMethod(), AuthUserGetRequest.newBuilder().setName("nobody").build());
	}

	static Outcome roleAlreadyExist(Recorder server) {
		return withRole(server, () -> addRole(server, GUEST));
	}

	static Outcome roleNotFound(Recorder server) {
		return server.ask(AuthGrpc.getRoleGetMethod(), AuthRoleGetRequest.newBuilder().setRole("none").build());
	}

	static Outcome roleEmpty(Recorder server) {
		return addRole(server, "");
	}

	static Outcome authNotEnabled(Recorder server) {
		return server.ask(authenticate("nobody", "x"));
	}

	static Outcome authFailed(Recorder server) {
		return whileEnabled(server, () -> server.ask(authenticate(GUEST, "wrong")));
	}

	static Outcome permissionNotGiven(Recorder server) {
		return withRole(server, () -> server.ask(AuthGrpc.getRoleGrantPermissionMethod(),
				AuthRoleGrantPermissionRequest.newBuilder().setName(GUEST).build()));
	}

	static Outcome permissionDenied(Recorder server) {
		return whileEnabled(server, () -> server.ask(get(), "token", token(server, GUEST)));
	}

	static Outcome roleNotGranted(Recorder server) {
		return withUser(server, GUEST, () -> withRole(server, () -> server.ask(AuthGrpc.getUserRevokeRoleMethod(),
				AuthUserRevokeRoleRequest.newBuilder().setName(GUEST).setRole(GUEST).build())));
	}

	static Outcome permissionNotGranted(Recorder server) {
		return withRole(server, () -> server.ask(AuthGrpc.getRoleRevokePermissionMethod(),
				AuthRoleRevokePermissionRequest.newBuilder().setRole(GUEST).setKey(bytes("a")).build()));
	}

	static Outcome invalidAuthToken(Recorder server) {
		return whileEnabled(server, () -> server.ask(get(), "token", "nonsense".getBytes(US_ASCII)));
	}

	/** A range whose end comes before its begin. */
	static Outcome invalidAuthMgmt(Recorder server) {
		Permission permission = Permission.newBuilder().setKey(bytes("b")).setRangeEnd(bytes("a")).build();
		return withRole(server, () -> server.ask(AuthGrpc.getRoleGrantPermissionMethod(),
				AuthRoleGrantPermissionRequest.newBuilder().setName(GUEST).setPerm(permission).build()));
	}

	private static Outcome whileEnabled(Recorder server, Supplier<Outcome> probe) {
		return withUser(server, GUEST, () -> withUser(server, ROOT, () -> {
			server.ask(AuthGrpc.getUserGrantRoleMethod(),
					AuthUserGrantRoleRequest.newBuilder().setUser(ROOT).setRole(ROOT).build());
			enable(server);
			Outcome outcome = probe.get();
			Call disable = Call.of(AuthGrpc.getAuthDisableMethod(), AuthDisableRequest.getDefaultInstance());
			server.ask(disable, "token", token(server, ROOT));
			return outcome;
		}));
	}

	private static Outcome withUser(Recorder server, String name, Supplier<Outcome> probe) {
		add(server, name);
		Outcome outcome = probe.get();
		server.ask(AuthGrpc.getUserDeleteMethod(), AuthUserDeleteRequest.newBuilder().setName(name).build());
		return outcome;
	}

	private static Outcome withRole(Recorder server, Supplier<Outcome> probe) {
		addRole(server, GUEST);
		Outcome outcome = probe.get();
		server.ask(AuthGrpc.getRoleDeleteMethod(), AuthRoleDeleteRequest.newBuilder().setRole(GUEST).build());
		return outcome;
	}

	private static Outcome enable(Recorder server) {
		return server.ask(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance());
	}

	private static Outcome add(Recorder server, String name) {
		return server.ask(AuthGrpc.getUserAddMethod(),
				AuthUserAddRequest.newBuilder().setName(name).setPassword(name).build());
	}

	private static Outcome addRole(Recorder server, String name) {
		return server.ask(AuthGrpc.getRoleAddMethod(), AuthRoleAddRequest.newBuilder().setName(name).build());
	}

	/** Not kept: a token is another one on each server. */
	private static byte[] token(Recorder server, String name) {
		Message answer = server.connection().run(authenticate(name, name)).message();
		return ((AuthenticateResponse) answer).getToken().getBytes(US_ASCII);
	}

	private static Call authenticate(String name, String password) {
		return Call.of(AuthGrpc.getAuthenticateMethod(),
				AuthenticateRequest.newBuilder().setName(name).setPassword(password).build());
	}

	private static Call get() {
		return Call.of(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(bytes("a")).build());
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
