package dev.kvserver.server.rpc;

import java.util.List;
import java.util.Objects;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.auth.SimpleTokens;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.WriteBatch;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who a caller is taken for, where the client's certificate says alice, and what becomes
 * of methods that nobody has thought about.
 */
class AuthInterceptorTests {

	private static final MethodDescriptor<RangeRequest, RangeResponse> NEW_METHOD = KVGrpc.getRangeMethod()
		.toBuilder()
		.setFullMethodName("etcdserverpb.KV/New")
		.setSchemaDescriptor(null)
		.build();

	private final AuthStore auth = new AuthStore(new SimpleTokens(300));

	private final WriteBatch batch = new MemoryStorage().newBatch();

	private final Access access = new Access(this.auth);

	/** Root, and alice, who may read {@code k}. */
	@BeforeEach
	void addUsers() {
		for (String user : List.of("root", "alice")) {
			this.auth.addUser(AuthUserAddRequest.newBuilder().setName(user).setHashedPassword("aGFzaA==").build(),
					this.batch);
		}
		this.auth.grantRole("root", "root", this.batch);
		this.auth.addRole("reader", this.batch);
		Permission permission = Permission.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
		this.auth.grantPermission(
				AuthRoleGrantPermissionRequest.newBuilder().setName("reader").setPerm(permission).build(), this.batch);
		this.auth.grantRole("alice", "reader", this.batch);
		this.auth.enable(this.batch);
		this.auth.publish();
	}

	@Test
	void theCertificateNamesTheCaller() throws Exception {
		assertThat(read("k")).isEmpty();
		assertThat(read("x")).isEqualTo("etcdserver: permission denied");
	}

	/** CVE-2018-16886: the certificate there is the gateway's. */
	@Test
	void behindTheGatewayTheCertificateIsNotTheCallers() throws Exception {
		assertThat(read("k", "grpcgateway-accept", "*/*")).isEqualTo("etcdserver: user name is empty");
	}

	@Test
	void aTokenComesBeforeTheCertificate() throws Exception {
		String token = this.auth.login("root", "abcdefghijklmnop", 7);
		assertThat(read("x", "token", token)).isEmpty();
		assertThat(read("x", "authorization", "Bearer " + token, "grpcgateway-accept", "*/*")).isEmpty();
		assertThat(read("k", "token", "made up")).isEqualTo("etcdserver: invalid auth token");
	}

	/** Not even root: it has to be decided first. */
	@Test
	void aMethodWithoutARuleIsForNobody() throws Exception {
		String token = this.auth.login("root", "abcdefghijklmnop", 7);
		assertThat(call(NEW_METHOD, "k", "token", token)).isEqualTo("etcdserver: permission denied");
		this.auth.disable(this.batch);
		this.auth.publish();
		assertThat(call(NEW_METHOD, "k")).isEmpty();
	}

	@Test
	void everyMethodThereIsHasARule() {
		List<ServiceDescriptor> services = List.of(KVGrpc.getServiceDescriptor(), WatchGrpc.getServiceDescriptor(),
				LeaseGrpc.getServiceDescriptor(), ClusterGrpc.getServiceDescriptor(),
				MaintenanceGrpc.getServiceDescriptor(), AuthGrpc.getServiceDescriptor(),
				ElectionGrpc.getServiceDescriptor(), LockGrpc.getServiceDescriptor(),
				HealthGrpc.getServiceDescriptor());
		for (ServiceDescriptor service : services) {
			assertThat(service.getMethods()).isNotEmpty()
				.extracting((method) -> MethodRule.of(method.getFullMethodName()))
				.doesNotContain(MethodRule.NONE);
		}
		assertThat(MethodRule.of("/etcdserverpb.KV/Range")).isEqualTo(MethodRule.NONE);
	}

	private String read(String key, String... headers) throws Exception {
		return call(KVGrpc.getRangeMethod(), key, headers);
	}

	private String call(MethodDescriptor<RangeRequest, RangeResponse> method, String key, String... headers)
			throws Exception {
		AuthInterceptor interceptor = new AuthInterceptor(this.auth, (call) -> "alice");
		BindableService service = () -> ServerInterceptors.intercept(service(method), interceptor);
		Metadata metadata = new Metadata();
		for (int i = 0; i < headers.length; i += 2) {
			metadata.put(Metadata.Key.of(headers[i], Metadata.ASCII_STRING_MARSHALLER), headers[i + 1]);
		}
		try (LocalServer server = new LocalServer(service)) {
			Channel channel = ClientInterceptors.intercept(server.channel(),
					MetadataUtils.newAttachHeadersInterceptor(metadata));
			ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT,
					RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build());
			return "";
		}
		catch (StatusRuntimeException ex) {
			return Objects.toString(ex.getStatus().getDescription(), "");
		}
	}

	/** Reads nothing, but asks whether the caller may. */
	private ServerServiceDefinition service(MethodDescriptor<RangeRequest, RangeResponse> method) {
		return ServerServiceDefinition.builder("etcdserverpb.KV")
			.addMethod(method, ServerCalls.asyncUnaryCall(this::answer))
			.build();
	}

	private void answer(RangeRequest request, StreamObserver<RangeResponse> observer) {
		try {
			this.access.checkRead(this.access.ofCall(), request);
		}
		catch (EtcdException ex) {
			observer.onError(Statuses.of(ex));
			return;
		}
		observer.onNext(RangeResponse.getDefaultInstance());
		observer.onCompleted();
	}

}
