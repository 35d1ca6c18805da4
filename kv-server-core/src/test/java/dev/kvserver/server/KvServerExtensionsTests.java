package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import dev.kvserver.server.port.PortOptions;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What an application adds to the client port. */
class KvServerExtensionsTests {

	private static final MethodDescriptor<PutRequest, RangeRequest> ECHO = MethodDescriptor
		.<PutRequest, RangeRequest>newBuilder()
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName("app.Echo/Key")
		.setRequestMarshaller(ProtoUtils.marshaller(PutRequest.getDefaultInstance()))
		.setResponseMarshaller(ProtoUtils.marshaller(RangeRequest.getDefaultInstance()))
		.build();

	private final KvServer server = KvServer.open(KvServerOptions.builder()
		.port(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.build())
		.build());

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	@AfterEach
	void close() {
		this.server.close();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			GET|/app|200|/app
			POST|/app|200|/app hello
			DELETE|/app|405|Method Not Allowed
			GET|/app/|200|tree /app/
			GET|/app/x|200|tree /app/x
			GET|/app/deep/x|200|deep /app/deep/x
			PUT|/app/x|405|Method Not Allowed
			GET|/app/one|200|/app/one
			GET|/application|404|404 page not found
			GET|/v3/app|200|/v3/app
			OPTIONS|/app|200|''
			""")
	void handlersAnswerOnTheirPaths(String method, String path, int status, String body) throws Exception {
		this.server.listen(handlers(new Page("/app", Set.of("GET", "POST"), ""),
				new Page("/app/", Set.of("GET"), "tree "), new Page("/app/deep/", Set.of("GET"), "deep "),
				new Page("/app/one", Set.of("GET"), ""), new Page("/v3/app", Set.of("GET"), "")));
		HttpResponse<String> response = ask(method, path);
		assertThat(response.body().strip()).isEqualTo(body);
		assertThat(response.statusCode()).isEqualTo(status);
	}

	@Test
	void aHandlerForEverythingLeavesTheServersOwnPathsAlone() throws Exception {
		this.server.listen(handlers(new Page("/", Set.of("GET", "POST"), "")));
		assertThat(ask("GET", "/version").body()).contains("etcdserver");
		assertThat(ask("POST", "/v3/kv/range").body()).contains("\"code\":");
		assertThat(ask("GET", "/anything").body()).isEqualTo("/anything");
	}

	@Test
	void theSameAddedTwiceIsRefused() {
		Page page = new Page("/app", Set.of("GET"), "");
		Page tree = new Page("/app/", Set.of("GET"), "");
		for (KvServerExtensions wrong : List.of(handlers(page, page), handlers(tree, tree),
				handlers(new Page("/version", Set.of("GET"), "")), handlers(new Page("app", Set.of("GET"), "")),
				handlers(new Page("/app", Set.of(), "")), services(new KVGrpc.KVImplBase() {
				}.bindService()))) {
			assertThatIllegalArgumentException().isThrownBy(() -> this.server.listen(wrong));
		}
		this.server.listen();
	}

	@Test
	void aServiceIsServedBesideEtcds() {
		this.server.listen(services(echo()));
		ManagedChannel channel = channel();
		try {
			PutRequest request = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();
			assertThat(ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, request).getKey())
				.isEqualTo(request.getKey());
			assertThat(KVGrpc.newBlockingStub(channel).put(request).getHeader().getRevision()).isEqualTo(2);
		}
		finally {
			channel.shutdownNow();
		}
	}

	@Test
	void interceptorsSeeCallsInTheirOrderHoweverTheyCome() throws Exception {
		List<String> seen = Collections.synchronizedList(new ArrayList<>());
		this.server.listen(new KvServerExtensions(List.of(), List.of(KvServerExtensionsTests::echo),
				List.of(new Seeing("first", seen), new Seeing("second", seen))));
		ManagedChannel channel = channel();
		try {
			ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, PutRequest.getDefaultInstance());
			assertThat(seen).containsExactly("first app.Echo/Key", "second app.Echo/Key");
			seen.clear();
			refused(channel);
			assertThat(seen).containsExactly("first etcdserverpb.KV/Put", "second etcdserverpb.KV/Put");
			seen.clear();
			assertThat(ask("POST", "/v3/kv/put", "{}").statusCode()).isEqualTo(400);
			assertThat(seen).containsExactly("first etcdserverpb.KV/Put", "second etcdserverpb.KV/Put");
		}
		finally {
			channel.shutdownNow();
		}
	}

	private static void refused(ManagedChannel channel) {
		try {
			KVGrpc.newBlockingStub(channel).put(PutRequest.getDefaultInstance());
		}
		catch (StatusRuntimeException ex) {
			assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
		}
	}

	private ManagedChannel channel() {
		return NettyChannelBuilder
			.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.server.port()))
			.usePlaintext()
			.build();
	}

	private HttpResponse<String> ask(String method, String path) throws Exception {
		return ask(method, path, "hello");
	}

	private HttpResponse<String> ask(String method, String path, String body) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + this.server.port() + path))
			.method(method,
					method.equals("POST") ? HttpRequest.BodyPublishers.ofString(body)
							: HttpRequest.BodyPublishers.noBody())
			.build();
		return this.client.send(request, HttpResponse.BodyHandlers.ofString());
	}

	private static KvServerExtensions handlers(KvHttpHandler... handlers) {
		return new KvServerExtensions(List.of(handlers), List.of(), List.of());
	}

	private static KvServerExtensions services(ServerServiceDefinition service) {
		return new KvServerExtensions(List.of(), List.of(() -> service), List.of());
	}

	private static ServerServiceDefinition echo() {
		return ServerServiceDefinition.builder("app.Echo")
			.addMethod(ECHO, ServerCalls.asyncUnaryCall((request, observer) -> {
				observer.onNext(RangeRequest.newBuilder().setKey(request.getKey()).build());
				observer.onCompleted();
			}))
			.build();
	}

	/** Answers with what it was asked. */
	private record Page(String path, Set<String> methods, String prefix) implements KvHttpHandler {

		@Override
		public int maxBodyBytes() {
			return this.methods.contains("POST") ? 1_000 : 0;
		}

		@Override
		public CompletionStage<HttpAnswer> answer(HttpQuery query) {
			String text = this.prefix + query.path() + ' ' + query.body().toStringUtf8();
			return CompletableFuture.completedFuture(HttpAnswer.text(200, text.strip()));
		}

	}

	/** Writes down which methods were called. */
	private record Seeing(String name, List<String> seen) implements KvServerInterceptor {

		@Override
		public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
				ServerCallHandler<Q, A> next) {
			this.seen.add(this.name + ' ' + call.getMethodDescriptor().getFullMethodName());
			return next.startCall(call, headers);
		}

	}

}
