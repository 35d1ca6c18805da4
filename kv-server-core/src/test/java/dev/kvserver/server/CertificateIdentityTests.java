package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.etcdserverpb.AuthDisableRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthUserListRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.tls.ClientAuthentication;
import dev.kvserver.server.tls.TestCertificates;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Users who are known by their certificates (etcd-contract sections 2.13 and 4.1), over
 * real TLS. Alice may read and write {@code k}.
 */
class CertificateIdentityTests {

	private static final TestCertificates CERTIFICATES = new TestCertificates();

	private static final String NOBODY = "etcdserver: user name is empty";

	private static final String DENIED = "etcdserver: permission denied";

	private static final String IGNORED = "CommonName of client sending a request against gateway "
			+ "will be ignored and not used as expected\n";

	/** Auth is set up over a port of its own, in clear. */
	private final AuthServer server = AuthServer.open(KvServerOptions.builder()
		.auth(new AuthOptions("simple", AuthOptions.DEFAULTS.tokenTtl(), 4))
		.port(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.tls(CERTIFICATES.options().clientAuth(ClientAuthentication.OPTIONAL).plaintextToo(true).build())
			.build())
		.build());

	private final List<ManagedChannel> channels = new ArrayList<>();

	@BeforeEach
	void addUsers() {
		this.server.addUser("alice");
		this.server.grant("alice", Permission.Type.READWRITE, "k", "");
		this.server.enable();
	}

	@AfterEach
	void close() {
		this.channels.forEach(ManagedChannel::shutdownNow);
		this.server.close();
	}

	private Channel channel(@Nullable X509Bundle own) throws Exception {
		SslContextBuilder context = GrpcSslContexts.forClient()
			.trustManager(CERTIFICATES.authority().toTrustManagerFactory());
		if (own != null) {
			context.keyManager(own.toKeyManagerFactory());
		}
		ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", this.server.server().port())
			.sslContext(context.build())
			.build();
		this.channels.add(channel);
		return channel;
	}

	private static String put(Channel channel, String key) {
		PutRequest request = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
		return Objects.toString(AuthServer.call(channel, KVGrpc.getPutMethod(), request).getDescription(), "");
	}

	private static Channel with(Channel channel, String header, String value) {
		Metadata headers = new Metadata();
		headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
		return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
	}

	@Test
	void theCommonNameOfTheCertificateIsTheUser() throws Exception {
		Channel alice = channel(CERTIFICATES.client("alice"));
		assertThat(put(alice, "k")).isEmpty();
		assertThat(put(alice, "other")).isEqualTo(DENIED);
		assertThat(put(channel(CERTIFICATES.client("root")), "other")).isEmpty();
		assertThat(AuthGrpc.newBlockingStub(channel(CERTIFICATES.client("root")))
			.userList(AuthUserListRequest.getDefaultInstance())
			.getUsersList()).containsExactly("alice", "root");
		assertThat(put(channel(CERTIFICATES.client("bob")), "k")).isEqualTo(DENIED);
	}

	@Test
	void withoutACertificateOrWithoutANameInItNobodyIsKnown() throws Exception {
		assertThat(put(channel(null), "k")).isEqualTo(NOBODY);
		assertThat(put(this.server.anonymous(), "k")).isEqualTo(NOBODY);
		Channel nameless = channel(CERTIFICATES.issue("O=alice", (builder) -> builder.addExtendedKeyUsageClientAuth()));
		assertThat(put(nameless, "k")).isEqualTo(DENIED);
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> AuthGrpc.newBlockingStub(nameless).userList(AuthUserListRequest.getDefaultInstance()))
			.withMessageContaining(NOBODY);
	}

	@Test
	void aTokenComesBeforeTheCertificate() throws Exception {
		Channel root = channel(CERTIFICATES.client("root"));
		String token = this.server.token("alice", "alice");
		assertThat(put(with(root, "token", token), "other")).isEqualTo(DENIED);
		assertThat(put(with(channel(null), "token", token), "k")).isEmpty();
		assertThat(put(with(root, "token", "made up"), "k")).isEqualTo("etcdserver: invalid auth token");
	}

	@Test
	void streamsAreKnownByTheCertificateToo() throws Exception {
		assertThat(watch(channel(CERTIFICATES.client("alice")), "k")).isEmpty();
		assertThat(watch(channel(CERTIFICATES.client("alice")), "other")).contains("permission denied");
	}

	private static String watch(Channel channel, String key) throws Exception {
		CompletableFuture<String> outcome = new CompletableFuture<>();
		StreamObserver<WatchRequest> stream = WatchGrpc.newStub(channel).watch(new StreamObserver<>() {

			@Override
			public void onNext(WatchResponse response) {
				outcome.complete(response.getCancelReason());
			}

			@Override
			public void onError(Throwable failure) {
				outcome.complete(String.valueOf(failure.getMessage()));
			}

			@Override
			public void onCompleted() {
				outcome.complete("completed");
			}

		});
		stream.onNext(WatchRequest.newBuilder()
			.setCreateRequest(WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
			.build());
		return outcome.get(20, TimeUnit.SECONDS);
	}

	/** Row 11: CVE-2018-16886. */
	@Test
	void theGatewayKnowsNobodyByCertificate() throws Exception {
		assertThat(put(with(channel(CERTIFICATES.client("root")), "grpcgateway-accept", "*/*"), "k")).isEqualTo(NOBODY);
		String body = "{\"key\":\"aw==\",\"value\":\"dg==\"}";
		for (String path : List.of("/v3/kv/put", "/v3beta/kv/put", "/v3/nothing")) {
			HttpResponse<String> refused = post(CERTIFICATES.client("root"), path, body, "");
			assertThat(refused.statusCode()).as(path).isEqualTo(400);
			assertThat(refused.body()).isEqualTo(IGNORED);
			assertThat(refused.headers().map()).doesNotContainKey("access-control-allow-origin");
		}
		HttpResponse<String> stranger = post(null, "/v3/kv/put", body, "");
		assertThat(stranger.statusCode()).isEqualTo(400);
		assertThat(stranger.body()).contains(NOBODY);
		X509Bundle nameless = CERTIFICATES.issue("O=root", (builder) -> builder.addExtendedKeyUsageClientAuth());
		assertThat(post(nameless, "/v3/kv/put", body, "").body()).contains(NOBODY);
		HttpResponse<String> known = post(null, "/v3/kv/put", body, this.server.token("alice", "alice"));
		assertThat(known.statusCode()).isEqualTo(200);
		assertThat(known.body()).contains("\"revision\":\"2\"");
	}

	@Test
	void whatIsNoGatewayDoesNotMind() throws Exception {
		HttpRequest request = HttpRequest.newBuilder(uri("/version")).build();
		assertThat(http(CERTIFICATES.client("root")).send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
			.isEqualTo(200);
	}

	@Test
	void beforeAuthIsEnabledTheGatewayDoesNotMindEither() throws Exception {
		AuthGrpc.newBlockingStub(this.server.login("root")).authDisable(AuthDisableRequest.getDefaultInstance());
		assertThat(post(CERTIFICATES.client("root"), "/v3/kv/put", "{\"key\":\"aw==\"}", "").statusCode())
			.isEqualTo(200);
	}

	private URI uri(String path) {
		return URI.create("https://localhost:" + this.server.server().port() + path);
	}

	private HttpResponse<String> post(@Nullable X509Bundle own, String path, String body, String token)
			throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body));
		if (!token.isEmpty()) {
			request.header("Authorization", token);
		}
		return http(own).send(request.build(), HttpResponse.BodyHandlers.ofString());
	}

	private static HttpClient http(@Nullable X509Bundle own) throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		KeyManager[] keys = (own != null) ? own.toKeyManagerFactory().getKeyManagers() : new KeyManager[0];
		context.init(keys, new TrustManager[] { CERTIFICATES.authority().toTrustManager() }, null);
		return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(context).build();
	}

}
