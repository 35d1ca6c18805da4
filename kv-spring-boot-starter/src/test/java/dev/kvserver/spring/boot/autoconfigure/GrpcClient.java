package dev.kvserver.spring.boot.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * A client of the port, as any other program would be.
 */
final class GrpcClient implements AutoCloseable {

	private static final int TIMEOUT_SECONDS = 10;

	private final ManagedChannel channel;

	GrpcClient(int port) {
		this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
	}

	void put(String key, String value) {
		PutRequest request = PutRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8(key))
			.setValue(ByteString.copyFromUtf8(value))
			.build();
		requireNonNull(kv().put(request));
	}

	@Nullable String get(String key) {
		RangeRequest request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
		RangeResponse response = kv().range(request);
		return (response.getKvsCount() == 0) ? null : response.getKvs(0).getValue().toStringUtf8();
	}

	/** Begins to watch a key, and returns when the server has said that it does. */
	OpenWatch watch(String key) throws InterruptedException {
		OpenWatch watch = new OpenWatch();
		StreamObserver<WatchRequest> requests = WatchGrpc.newStub(this.channel).watch(watch);
		WatchCreateRequest create = WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
		requests.onNext(WatchRequest.newBuilder().setCreateRequest(create).build());
		requireNonNull(watch.responses.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS), "the watch was not created");
		return watch;
	}

	private KVGrpc.KVBlockingStub kv() {
		return KVGrpc.newBlockingStub(this.channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
	}

	/** Collects what a watch is told. */
	static final class OpenWatch implements StreamObserver<WatchResponse> {

		private final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();

		private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();

		@Override
		public void onNext(WatchResponse response) {
			this.responses.add(response);
		}

		@Override
		public void onError(Throwable failure) {
			this.ends.add(Status.fromThrowable(failure));
		}

		@Override
		public void onCompleted() {
			this.ends.add(Status.OK);
		}

		/** The values of the first events, as many as asked for; waits for them. */
		List<String> eventValues(int count) throws InterruptedException {
			List<String> values = new ArrayList<>();
			while (values.size() < count) {
				WatchResponse response = requireNonNull(this.responses.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS),
						"an event is missing");
				response.getEventsList().forEach((event) -> values.add(event.getKv().getValue().toStringUtf8()));
			}
			return values;
		}

		/** How the stream ended; waits for it. */
		Status end() throws InterruptedException {
			return requireNonNull(this.ends.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS), "the watch has not ended");
		}

	}

}
