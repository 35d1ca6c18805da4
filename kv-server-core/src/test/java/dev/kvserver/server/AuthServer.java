package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.etcdserverpb.AuthEnableRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.port.PortOptions;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;

/** A server with users, over real gRPC. */
final class AuthServer implements AutoCloseable {

	static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

	private static final long DEADLINE_SECONDS = 20;

	private final KvServer server;

	private final ManagedChannel channel;

	private AuthServer(KvServerOptions options) {
		this.server = KvServer.open(options);
		this.server.listen();
		this.channel = NettyChannelBuilder.forAddress("127.0.0.1", this.server.port()).usePlaintext().build();
	}

	static AuthServer open() {
		return open(new AuthOptions("simple", AuthOptions.DEFAULTS.tokenTtl(), 4));
	}

	static AuthServer open(AuthOptions auth) {
		return open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.auth(auth)
			.build());
	}

	static AuthServer open(KvServerOptions options) {
		return new AuthServer(options);
	}

	KvServer server() {
		return this.server;
	}

	Channel anonymous() {
		return this.channel;
	}

	Channel with(String token) {
		Metadata headers = new Metadata();
		headers.put(TOKEN, token);
		return with(headers);
	}

	Channel with(Metadata headers) {
		return ClientInterceptors.intercept(this.channel, MetadataUtils.newAttachHeadersInterceptor(headers));
	}

	Channel login(String user) {
		return with(token(user, user));
	}

	String token(String user, String password) {
		return AuthGrpc.newBlockingStub(this.channel)
			.authenticate(AuthenticateRequest.newBuilder().setName(user).setPassword(password).build())
			.getToken();
	}

	/** Calls and answers the code, OK or not, whatever the kind of method. */
	static <Q extends Message> Status call(Channel caller, MethodDescriptor<Q, ?> method, Q request) {
		try {
			CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
			ClientCalls.blockingServerStreamingCall(caller, method, options, request).forEachRemaining((answer) -> {
			});
			return Status.OK;
		}
		catch (StatusRuntimeException ex) {
			return ex.getStatus();
		}
	}

	/** Adds a user whose password is its name. */
	void addUser(String name) {
		AuthGrpc.newBlockingStub(this.channel)
			.userAdd(AuthUserAddRequest.newBuilder().setName(name).setPassword(name).build());
	}

	/** Gives a user a role of its own with one more permission. */
	void grant(String user, Permission.Type type, String key, String end) {
		AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(this.channel);
		Permission permission = Permission.newBuilder()
			.setPermType(type)
			.setKey(ByteString.copyFromUtf8(key))
			.setRangeEnd(ByteString.copyFromUtf8(end))
			.build();
		call(this.channel, AuthGrpc.getRoleAddMethod(), AuthRoleAddRequest.newBuilder().setName(user).build());
		auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder().setName(user).setPerm(permission).build());
		auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(user).build());
	}

	/** Adds root and enables auth. */
	void enable() {
		AuthGrpc.AuthBlockingStub auth = AuthGrpc.newBlockingStub(this.channel);
		addUser("root");
		auth.userGrantRole(AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
		auth.authEnable(AuthEnableRequest.getDefaultInstance());
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
		this.server.close();
	}

}
