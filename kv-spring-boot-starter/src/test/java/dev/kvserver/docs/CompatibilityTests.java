package dev.kvserver.docs;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * docs/compatibility.md against a running server, and against the tests it names.
 */
class CompatibilityTests {

	private static final Path ROOT = Path.of("..");

	private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\| (yes|no)\\b[^|]*\\|([^|]*)\\|$");

	private static final Pattern TEST = Pattern.compile("`(\\w+Tests)(?:\\.(\\w+))?`");

	private static final List<ServiceDescriptor> SERVICES = List.of(KVGrpc.getServiceDescriptor(),
			WatchGrpc.getServiceDescriptor(), LeaseGrpc.getServiceDescriptor(), ClusterGrpc.getServiceDescriptor(),
			MaintenanceGrpc.getServiceDescriptor(), AuthGrpc.getServiceDescriptor(),
			ElectionGrpc.getServiceDescriptor(), LockGrpc.getServiceDescriptor(), HealthGrpc.getServiceDescriptor());

	private final List<String> lines = Files.readAllLines(ROOT.resolve("docs/compatibility.md"));

	private final KvServer server = KvServer.open(KvServerOptions.builder()
		.port(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.build())
		.build());

	private ManagedChannel channel;

	CompatibilityTests() throws IOException {
	}

	@BeforeEach
	void start() {
		this.server.listen();
		this.channel = NettyChannelBuilder.forAddress("127.0.0.1", this.server.port()).usePlaintext().build();
	}

	@AfterEach
	void stop() {
		this.channel.shutdownNow();
		this.server.close();
	}

	@Test
	void everyRpcHasARowThatSaysWhatTheServerDoes() throws Exception {
		SortedMap<String, Boolean> claimed = claims((name) -> !name.contains(" "));
		SortedMap<String, Boolean> actual = new TreeMap<>();
		for (ServiceDescriptor service : SERVICES) {
			for (MethodDescriptor<?, ?> method : service.getMethods()) {
				actual.put(method.getFullMethodName(), isServed(method));
			}
		}
		assertThat(actual).hasSizeGreaterThanOrEqualTo(49);
		assertThat(claimed.entrySet()).containsExactlyInAnyOrderElementsOf(actual.entrySet());
	}

	@Test
	void everyEndpointOfATableIsAnsweredAsItSays() throws Exception {
		SortedMap<String, Boolean> claimed = claims((name) -> name.contains(" "));
		SortedMap<String, Boolean> actual = new TreeMap<>();
		for (String endpoint : claimed.keySet()) {
			actual.put(endpoint, statusOf(endpoint) != 404);
		}
		assertThat(claimed).hasSizeGreaterThanOrEqualTo(2);
		assertThat(claimed.entrySet()).containsExactlyInAnyOrderElementsOf(actual.entrySet());
	}

	@Test
	void everyServedRowNamesATest() {
		for (String line : this.lines) {
			Matcher row = ROW.matcher(line);
			if (row.matches()) {
				boolean proved = TEST.matcher(row.group(3)).find();
				assertThat(proved).as(line).isEqualTo(row.group(2).equals("yes"));
			}
		}
	}

	@Test
	void everyTestThatIsNamedExists() throws IOException {
		Map<String, String> sources = testSources();
		Set<String> missing = new TreeSet<>();
		for (String line : this.lines) {
			Matcher test = TEST.matcher(line);
			while (test.find()) {
				String source = sources.get(test.group(1));
				String method = test.group(2);
				if (source == null || (method != null && !source.contains("void " + method + "("))) {
					missing.add(test.group());
				}
			}
		}
		assertThat(missing).isEmpty();
	}

	private SortedMap<String, Boolean> claims(Predicate<String> names) {
		SortedMap<String, Boolean> claims = new TreeMap<>();
		for (String line : this.lines) {
			Matcher row = ROW.matcher(line);
			if (row.matches() && names.test(row.group(1))) {
				claims.put(row.group(1), row.group(2).equals("yes"));
			}
		}
		return claims;
	}

	/** Asks once; any answer but UNIMPLEMENTED counts, an error too. */
	private <Q, R> boolean isServed(MethodDescriptor<Q, R> method) throws Exception {
		CompletableFuture<Status.Code> outcome = new CompletableFuture<>();
		ClientCall<Q, R> call = this.channel.newCall(method, CallOptions.DEFAULT);
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onMessage(R message) {
				outcome.complete(Status.Code.OK);
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				outcome.complete(status.getCode());
			}

		}, new Metadata());
		call.request(1);
		call.sendMessage(request(method));
		call.halfClose();
		Status.Code code = outcome.get(10, TimeUnit.SECONDS);
		call.cancel("seen enough", null);
		assertThat(code).as(method.getFullMethodName()).isNotEqualTo(Status.Code.UNAVAILABLE);
		return code != Status.Code.UNIMPLEMENTED;
	}

	/**
	 * An empty request; a Watch, which would not answer that, is asked to watch a key.
	 */
	@SuppressWarnings("unchecked")
	private static <Q> Q request(MethodDescriptor<Q, ?> method) {
		Message request = (Message) requireNonNull(
				((PrototypeMarshaller<Q>) method.getRequestMarshaller()).getMessagePrototype());
		if (request instanceof WatchRequest) {
			WatchCreateRequest create = WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();
			request = WatchRequest.newBuilder().setCreateRequest(create).build();
		}
		if (request instanceof LockRequest) {
			// Without a name it would wait for the election without a name.
			request = LockRequest.newBuilder().setName(ByteString.copyFromUtf8("l")).build();
		}
		return (Q) request;
	}

	private int statusOf(String endpoint) throws Exception {
		String[] methodAndPath = endpoint.split(" ", 2);
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.server.port() + methodAndPath[1]))
			.method(methodAndPath[0], HttpRequest.BodyPublishers.noBody())
			.build();
		HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
		return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
	}

	private static Map<String, String> testSources() throws IOException {
		Map<String, String> sources = new TreeMap<>();
		for (Path module : children(ROOT)) {
			Path tests = module.resolve("src/test/java");
			if (Files.isDirectory(tests)) {
				try (Stream<Path> files = Files.walk(tests)) {
					for (Path file : files.filter((path) -> path.toString().endsWith("Tests.java")).toList()) {
						String name = String.valueOf(file.getFileName());
						sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
					}
				}
			}
		}
		return sources;
	}

	private static List<Path> children(Path directory) throws IOException {
		try (Stream<Path> children = Files.list(directory)) {
			return children.toList();
		}
	}

}
