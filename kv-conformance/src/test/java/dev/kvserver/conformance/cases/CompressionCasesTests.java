package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compressed messages: who compresses what it asks gets compressed answers, as grpc-go
 * gives them; who only could read them does not.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressionCasesTests {

	private static final ByteString KEY = ByteString.copyFromUtf8("compressed");

	private static final Map<String, Message> REQUESTS = Map.of("Put",
			PutRequest.newBuilder().setKey(KEY).setValue(ByteString.copyFromUtf8("x".repeat(10_000))).build(), "Range",
			RangeRequest.newBuilder().setKey(KEY).build(), "DeleteRange",
			DeleteRangeRequest.newBuilder().setKey(KEY).setPrevKv(true).build(), "Snapshot",
			SnapshotRequest.getDefaultInstance(), "LeaseKeepAlive", LeaseKeepAliveRequest.getDefaultInstance(), "Watch",
			WatchRequest.newBuilder()
				.setCreateRequest(WatchCreateRequest.newBuilder().setKey(KEY).setStartRevision(2))
				.build());

	private static final List<MethodDescriptor<?, ?>> METHODS = List.of(KVGrpc.getPutMethod(), KVGrpc.getRangeMethod(),
			KVGrpc.getDeleteRangeMethod(), MaintenanceGrpc.getSnapshotMethod(), LeaseGrpc.getLeaseKeepAliveMethod(),
			WatchGrpc.getWatchMethod());

	private final ServerUnderTest reference = EtcdProcess.startFast(EtcdBinary.reference());

	private final ServerUnderTest candidate = Candidates.start(false);

	@AfterAll
	void close() {
		this.reference.close();
		this.candidate.close();
	}

	@ParameterizedTest
	@CsvSource({ "Put, gzip", "Range, gzip", "DeleteRange, gzip", "Put, identity", "Range, identity", "Watch, identity",
			"Watch, gzip", "LeaseKeepAlive, gzip", "Snapshot, gzip", "Snapshot, identity" })
	void answersAreCompressedAsEtcdCompressesThem(String method, String encoding) {
		String left = encodingOfAnswer(this.reference, method, encoding);
		assertThat(encodingOfAnswer(this.candidate, method, encoding)).isEqualTo(left);
		assertThat(left).isEqualTo(encoding.equals("gzip") ? "gzip, OK" : "identity, OK");
	}

	/** What the headers of the answer say, and how the call ended. */
	private static String encodingOfAnswer(ServerUnderTest server, String name, String encoding) {
		MethodDescriptor<?, ?> method = METHODS.stream()
			.filter((one) -> name.equals(one.getBareMethodName()))
			.findFirst()
			.orElseThrow();
		try (Connection connection = new Connection(server.port())) {
			return answer(connection, method, Objects.requireNonNull(REQUESTS.get(name)), encoding).join();
		}
	}

	@SuppressWarnings("unchecked")
	private static CompletableFuture<String> answer(Connection connection, MethodDescriptor<?, ?> method,
			Message request, String encoding) {
		CallOptions options = encoding.equals("gzip") ? CallOptions.DEFAULT.withCompression("gzip")
				: CallOptions.DEFAULT;
		ClientCall<Message, Message> call = connection.channel()
			.newCall((MethodDescriptor<Message, Message>) method, options);
		CompletableFuture<String> answer = new CompletableFuture<>();
		call.start(new FirstAnswer(call, answer), new Metadata());
		call.request(Integer.MAX_VALUE);
		call.sendMessage(request);
		if (method.getType() != MethodDescriptor.MethodType.BIDI_STREAMING) {
			call.halfClose();
		}
		return answer;
	}

	/** Waits for the first message: a stream of others is not waited for. */
	private static final class FirstAnswer extends ClientCall.Listener<Message> {

		private static final Metadata.Key<String> ENCODING = Metadata.Key.of("grpc-encoding",
				Metadata.ASCII_STRING_MARSHALLER);

		private final ClientCall<Message, Message> call;

		private final CompletableFuture<String> answer;

		private String encoding = "identity";

		FirstAnswer(ClientCall<Message, Message> call, CompletableFuture<String> answer) {
			this.call = call;
			this.answer = answer;
		}

		@Override
		public void onHeaders(Metadata headers) {
			String named = headers.get(ENCODING);
			this.encoding = (named != null) ? named : "identity";
		}

		@Override
		public void onMessage(Message message) {
			this.answer.complete(this.encoding + ", OK");
			this.call.cancel("The first answer is there", null);
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.answer.complete(this.encoding + ", " + status);
		}

	}

}
