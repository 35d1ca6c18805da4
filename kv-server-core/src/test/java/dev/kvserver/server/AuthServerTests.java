package dev.kvserver.server;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.authpb.UserAddOptions;
import dev.kvserver.proto.etcdserverpb.AuthDisableRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleListRequest;
import dev.kvserver.proto.etcdserverpb.AuthStatusRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGetRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserListRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.port.PortOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Logins, tokens and the Auth service, over real gRPC. */
class AuthServerTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final RangeRequest RANGE = RangeRequest.newBuilder().setKey(utf8("k")).build();

	private static final PutRequest PUT = PutRequest.newBuilder().setKey(utf8("k")).build();

	private final AuthServer auth = AuthServer.open();

	@AfterEach
	void close() {
		this.auth.close();
	}

	@Test
	void whileAuthIsDisabledNobodyIsAsked() {
		assertThat(read(this.auth.with("nonsense"))).isEqualTo("OK");
		assertThat(login("root", "root")).isEqualTo("FAILED_PRECONDITION: etcdserver: authentication is not enabled");
		assertThat(status(this.auth.with("nonsense"))).isEqualTo("OK");
	}

	@Test
	void aTokenIsSixteenLettersAndTheIndex() {
		this.auth.enable();
		assertThat(this.auth.token("root", "root")).matches("[a-zA-Z]{16}\\.[0-9]+");
		assertThat(this.auth.token("root", "root")).isNotEqualTo(this.auth.token("root", "root"));
	}

	@Test
	void loginsNeedUserAndPassword() {
		AuthGrpc.newBlockingStub(this.auth.anonymous())
			.userAdd(AuthUserAddRequest.newBuilder()
				.setName("machine")
				.setOptions(UserAddOptions.newBuilder().setNoPassword(true))
				.build());
		this.auth.enable();
		String failed = "INVALID_ARGUMENT: etcdserver: authentication failed, invalid user ID or password";
		assertThat(login("root", "guess")).isEqualTo(failed);
		assertThat(login("root", "guess")).isEqualTo(failed);
		assertThat(login("ghost", "root")).isEqualTo(failed);
		assertThat(login("machine", "root"))
			.isEqualTo("UNKNOWN: auth: authentication failed, password was given for no password user");
		assertThat(login("root", "root")).isEqualTo("OK");
	}

	@Test
	void tokensAreTakenFromBothHeaders() {
		this.auth.enable();
		String token = this.auth.token("root", "root");
		assertThat(read(this.auth.anonymous())).isEqualTo("INVALID_ARGUMENT: etcdserver: user name is empty");
		assertThat(read(this.auth.with(token))).isEqualTo("OK");
		assertThat(read(this.auth.with("Bearer " + token))).isEqualTo("OK");
		assertThat(read(this.auth.with("x" + token))).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
		Metadata headers = new Metadata();
		headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
		assertThat(read(this.auth.with(headers))).isEqualTo("OK");
		headers.put(AuthServer.TOKEN, "wins");
		assertThat(read(this.auth.with(headers))).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
	}

	/** Section 2.13: AuthStatus is for anyone, but not with an invalid token. */
	@Test
	void anybodyMayAskForTheStatus() {
		this.auth.enable();
		assertThat(status(this.auth.anonymous())).isEqualTo("OK");
		assertThat(status(this.auth.with("nonsense"))).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
	}

	@Test
	void aNewPasswordEndsTokensAndTheOldPassword() {
		this.auth.addUser("alice");
		this.auth.enable();
		Channel alice = this.auth.login("alice");
		Channel root = this.auth.login("root");
		assertThat(read(alice)).isEqualTo("PERMISSION_DENIED: etcdserver: permission denied");
		AuthGrpc.newBlockingStub(root)
			.userChangePassword(
					AuthUserChangePasswordRequest.newBuilder().setName("alice").setPassword("changed").build());
		assertThat(read(alice)).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
		assertThat(login("alice", "alice")).startsWith("INVALID_ARGUMENT");
		assertThat(login("alice", "changed")).isEqualTo("OK");
		assertThat(read(root)).isEqualTo("OK");
	}

	@Test
	void disablingEndsAllTokens() {
		this.auth.enable();
		Channel root = this.auth.login("root");
		AuthGrpc.newBlockingStub(root).authDisable(AuthDisableRequest.getDefaultInstance());
		assertThat(read(this.auth.anonymous())).isEqualTo("OK");
		AuthGrpc.newBlockingStub(this.auth.anonymous())
			.authEnable(dev.kvserver.proto.etcdserverpb.AuthEnableRequest.getDefaultInstance());
		assertThat(read(root)).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
	}

	/** Without a lease nothing else makes time pass. Each token is looked at once. */
	@Test
	void aTokenThatIsNotUsedEnds() throws Exception {
		try (AuthServer server = AuthServer.open(new AuthOptions("simple", Duration.ofSeconds(1), 4))) {
			server.enable();
			Deque<String> tokens = new ArrayDeque<>();
			for (int i = 0; i < 100; i++) {
				tokens.add(server.token("root", "root"));
			}
			String seen = "OK";
			while (seen.equals("OK") && !tokens.isEmpty()) {
				assertThat(new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS)).isFalse();
				seen = read(server.with(tokens.remove()));
			}
			assertThat(seen).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
		}
	}

	@Test
	void othersSeeOnlyThemselves() {
		this.auth.addUser("alice");
		this.auth.addUser("bob");
		this.auth.grant("alice", Permission.Type.READ, "k", "");
		this.auth.grant("bob", Permission.Type.READ, "k", "");
		this.auth.enable();
		Channel alice = this.auth.login("alice");
		String denied = "PERMISSION_DENIED: etcdserver: permission denied";
		assertThat(text(alice, "alice", "alice")).containsExactly("OK", "OK");
		assertThat(text(alice, "bob", "bob")).containsExactly(denied, denied);
		assertThat(text(this.auth.login("root"), "bob", "bob")).containsExactly("OK", "OK");
		assertThat(text(this.auth.anonymous(), "bob", "bob"))
			.containsOnly("INVALID_ARGUMENT: etcdserver: user name is empty");
		assertThat(description(
				AuthServer.call(alice, AuthGrpc.getUserListMethod(), AuthUserListRequest.getDefaultInstance())))
			.isEqualTo(denied);
		assertThat(description(
				AuthServer.call(alice, AuthGrpc.getRoleListMethod(), AuthRoleListRequest.getDefaultInstance())))
			.isEqualTo(denied);
		assertThat(description(AuthServer.call(alice, AuthGrpc.getRoleAddMethod(),
				AuthRoleAddRequest.newBuilder().setName("mine").build())))
			.isEqualTo(denied);
	}

	/** Section 4.3: a probe has no password. */
	@Test
	void healthNeedsNoToken() throws Exception {
		this.auth.enable();
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.auth.server().port() + "/health"))
			.build();
		HttpResponse<String> response = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.build()
			.send(request, HttpResponse.BodyHandlers.ofString());
		assertThat(response.body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
	}

	/** The application that embeds the server is trusted, and its leases expire. */
	@Test
	void theEmbeddedStoreNeedsNoPermission() {
		this.auth.enable();
		KvStore store = this.auth.server().store();
		store.put("k", utf8("1"), TIMEOUT);
		assertThat(store.get("k", TIMEOUT)).isEqualTo(utf8("1"));
		long lease = store.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()).join().getID();
		assertThat(store.leaseKeepAlive(lease).join().getTTL()).isEqualTo(60);
		assertThat(store.delete("k", TIMEOUT)).isTrue();
	}

	@Test
	void aKeepAliveStreamIsAskedForEachRenewal() throws Exception {
		this.auth.addUser("alice");
		this.auth.grant("alice", Permission.Type.WRITE, "a", "");
		this.auth.enable();
		Channel alice = this.auth.login("alice");
		KvStore store = this.auth.server().store();
		store.leaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build()).join();
		CompletableFuture<Status> end = new CompletableFuture<>();
		CompletableFuture<Long> renewed = new CompletableFuture<>();
		StreamObserver<LeaseKeepAliveRequest> stream = LeaseGrpc.newStub(alice).leaseKeepAlive(new StreamObserver<>() {

			@Override
			public void onNext(LeaseKeepAliveResponse response) {
				renewed.complete(response.getTTL());
			}

			@Override
			public void onError(Throwable failure) {
				end.complete(Status.fromThrowable(failure));
			}

			@Override
			public void onCompleted() {
				end.complete(Status.OK);
			}

		});
		stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(7).build());
		assertThat(renewed.get(20, TimeUnit.SECONDS)).isEqualTo(60);
		store.put(PutRequest.newBuilder().setKey(utf8("secret")).setLease(7).build()).join();
		stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(7).build());
		assertThat(end.get(20, TimeUnit.SECONDS).getDescription()).isEqualTo("etcdserver: permission denied");
	}

	@Test
	void usersOutliveARestartAndTokensDoNot(@TempDir Path directory) {
		KvServerOptions options = durable(directory).build();
		String token;
		try (AuthServer first = AuthServer.open(options)) {
			first.enable();
			token = first.token("root", "root");
			assertThat(read(first.with(token))).isEqualTo("OK");
		}
		try (AuthServer second = AuthServer.open(options)) {
			assertThat(read(second.anonymous())).isEqualTo("INVALID_ARGUMENT: etcdserver: user name is empty");
			assertThat(read(second.with(token))).isEqualTo("UNAUTHENTICATED: etcdserver: invalid auth token");
			assertThat(read(second.login("root"))).isEqualTo("OK");
		}
	}

	@Test
	void usersComeWithASnapshot(@TempDir Path directory) throws Exception {
		Path file = directory.resolve("snapshot.db");
		try (AuthServer saved = AuthServer.open(durable(directory.resolve("saved")).build());
				OutputStream written = Files.newOutputStream(file)) {
			saved.addUser("alice");
			saved.grant("alice", Permission.Type.READ, "k", "");
			saved.enable();
			Iterator<SnapshotResponse> blobs = MaintenanceGrpc.newBlockingStub(saved.login("root"))
				.snapshot(SnapshotRequest.getDefaultInstance());
			while (blobs.hasNext()) {
				blobs.next().getBlob().writeTo(written);
			}
		}
		KvServerOptions options = durable(directory.resolve("restored")).restoreFrom(file).build();
		try (AuthServer restored = AuthServer.open(options)) {
			assertThat(read(restored.anonymous())).isEqualTo("INVALID_ARGUMENT: etcdserver: user name is empty");
			assertThat(read(restored.login("alice"))).isEqualTo("OK");
			assertThat(description(AuthServer.call(restored.login("alice"), KVGrpc.getPutMethod(), PUT)))
				.isEqualTo("PERMISSION_DENIED: etcdserver: permission denied");
		}
	}

	private static KvServerOptions.Builder durable(Path directory) {
		return KvServerOptions.builder()
			.dataDirectory(directory)
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.auth(new AuthOptions("simple", Duration.ofMinutes(5), 4));
	}

	@Test
	void jsonWebTokensAreOldAfterAChange(@TempDir Path directory) throws Exception {
		Path secret = Files.writeString(directory.resolve("secret"), "secret");
		String option = "jwt,sign-method=HS256,priv-key=" + secret;
		try (AuthServer server = AuthServer.open(new AuthOptions(option, Duration.ofMinutes(5), 4))) {
			server.addUser("alice");
			server.grant("alice", Permission.Type.READ, "k", "");
			server.enable();
			Channel root = server.login("root");
			Channel alice = server.login("alice");
			assertThat(read(alice)).isEqualTo("OK");
			AuthGrpc.newBlockingStub(root).roleAdd(AuthRoleAddRequest.newBuilder().setName("r").build());
			assertThat(read(alice)).isEqualTo("INVALID_ARGUMENT: etcdserver: revision of auth store is old");
			assertThat(read(server.login("alice"))).isEqualTo("OK");
		}
	}

	/**
	 * A thousand logins of one user hash its password once, and a put goes on meanwhile.
	 */
	@Test
	void aLoginStormCostsOneHash() {
		this.auth.addUser("alice");
		this.auth.grant("alice", Permission.Type.WRITE, "k", "");
		this.auth.enable();
		Channel alice = this.auth.login("alice");
		List<com.google.common.util.concurrent.ListenableFuture<?>> logins = new ArrayList<>();
		AuthGrpc.AuthFutureStub stub = AuthGrpc.newFutureStub(this.auth.anonymous());
		for (int i = 0; i < 1_000; i++) {
			logins
				.add(stub.authenticate(AuthenticateRequest.newBuilder().setName("alice").setPassword("alice").build()));
		}
		KVGrpc.newBlockingStub(alice).put(PUT);
		for (Iterator<com.google.common.util.concurrent.ListenableFuture<?>> all = logins.iterator(); all.hasNext();) {
			assertThat(all.next()).succeedsWithin(TIMEOUT);
		}
	}

	private static List<String> text(Channel caller, String user, String role) {
		return List.of(
				description(AuthServer.call(caller, AuthGrpc.getUserGetMethod(),
						AuthUserGetRequest.newBuilder().setName(user).build())),
				description(AuthServer.call(caller, AuthGrpc.getRoleGetMethod(),
						AuthRoleGetRequest.newBuilder().setRole(role).build())));
	}

	private String login(String user, String password) {
		return description(AuthServer.call(this.auth.anonymous(), AuthGrpc.getAuthenticateMethod(),
				AuthenticateRequest.newBuilder().setName(user).setPassword(password).build()));
	}

	private static String read(Channel caller) {
		return description(AuthServer.call(caller, KVGrpc.getRangeMethod(), RANGE));
	}

	private static String status(Channel caller) {
		return description(
				AuthServer.call(caller, AuthGrpc.getAuthStatusMethod(), AuthStatusRequest.getDefaultInstance()));
	}

	private static String description(Status status) {
		return status.isOk() ? "OK" : status.getCode() + ": " + status.getDescription();
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
