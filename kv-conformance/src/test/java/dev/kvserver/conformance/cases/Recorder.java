package dev.kvserver.conformance.cases;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.grpc.RawCall;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import io.grpc.MethodDescriptor;

/**
 * One server during a case. What it answers is kept for the comparison.
 */
final class Recorder implements AutoCloseable {

	static final Duration TIMEOUT = Duration.ofSeconds(15);

	private final Connection connection;

	private final List<Answer> answers = new ArrayList<>();

	private final List<WatchConnection> watches = new ArrayList<>();

	Recorder(Connection connection) {
		this.connection = connection;
	}

	/** Asks and keeps the answer. */
	<T extends Message> Outcome ask(MethodDescriptor<T, ?> method, T request) {
		return ask(Call.of(method, request));
	}

	/** Asks and keeps the answer. */
	Outcome ask(Call call) {
		Outcome outcome = this.connection.run(call);
		this.answers.add(new Answer(call, outcome));
		return outcome;
	}

	/** Asks with a header whose value may be any bytes, and keeps the status. */
	Outcome ask(Call call, String header, byte[] value) {
		Outcome outcome = RawCall.run(this.connection, call, header, value);
		this.answers.add(new Answer(call, outcome));
		return outcome;
	}

	/**
	 * Puts a value.
	 * @return the revision
	 */
	long put(String key, String value) {
		PutRequest request = PutRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8(key))
			.setValue(ByteString.copyFromUtf8(value))
			.build();
		return ((PutResponse) ask(KVGrpc.getPutMethod(), request).message()).getHeader().getRevision();
	}

	void compact(long revision) {
		ask(KVGrpc.getCompactMethod(), CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
	}

	/** Opens a watch stream; what arrives has to be kept by {@link #keep}. */
	WatchConnection watch() {
		WatchConnection watch = new WatchConnection(this.connection.channel());
		this.watches.add(watch);
		return watch;
	}

	/** Blocks until so many responses of a kind have come on a stream. */
	WatchResponse await(WatchConnection watch, Predicate<WatchResponse> filter, int count) {
		WatchResponse response = watch.await(filter, count, TIMEOUT);
		if (response == null) {
			throw new AssertionError(
					"No response, only " + watch.take((any) -> true) + "; the stream's end: " + watch.end());
		}
		return response;
	}

	/** Blocks until so many responses have come, and keeps all that have. */
	List<WatchResponse> keep(WatchConnection watch, int count) {
		await(watch, (any) -> true, count);
		List<WatchResponse> taken = watch.take((any) -> true);
		keep("watch", taken);
		return taken;
	}

	/** Keeps messages. */
	void keep(String what, List<? extends Message> messages) {
		this.answers.add(new Answer(what, messages));
	}

	Connection connection() {
		return this.connection;
	}

	List<Answer> answers() {
		return this.answers;
	}

	@Override
	public void close() {
		this.watches.forEach(WatchConnection::close);
	}

	/**
	 * Something that was answered.
	 *
	 * @param what what was asked
	 * @param call the call; for a stream one without requests
	 * @param outcome the answer
	 */
	record Answer(String what, Call call, Outcome outcome) {

		Answer(Call call, Outcome outcome) {
			this(call.toString(), call, outcome);
		}

		Answer(String what, List<? extends Message> messages) {
			this(what, Call.of(KVGrpc.getPutMethod(), PutRequest.getDefaultInstance()), Outcome.ok(messages));
		}

	}

}
