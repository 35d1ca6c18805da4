package dev.kvserver.server.rpc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/** A plain grpc-java client of one Watch call. */
final class WatchClient extends ClientCall.Listener<WatchResponse> {

	private static final int SECONDS_MAX = 30;

	private final ClientCall<WatchRequest, WatchResponse> call;

	private final BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile @Nullable Status status;

	WatchClient(Channel channel, int firstRequest) {
		this.call = channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
		this.call.start(this, new Metadata());
		request(firstRequest);
	}

	/** Lets so many further responses come. */
	void request(int responses) {
		this.call.request(responses);
	}

	WatchResponse create(WatchCreateRequest.Builder request) throws InterruptedException {
		send(request);
		WatchResponse created = take();
		assertThat(created.getCreated()).isTrue();
		return created;
	}

	void send(WatchCreateRequest.Builder request) {
		this.call.sendMessage(WatchRequest.newBuilder().setCreateRequest(request).build());
	}

	static WatchCreateRequest.Builder watch(String key) {
		return WatchCreateRequest.newBuilder().setKey(ByteString.copyFrom(key, StandardCharsets.UTF_8));
	}

	void halfClose() {
		this.call.halfClose();
	}

	void cancel() {
		this.call.cancel("the test is over", null);
	}

	WatchResponse take() throws InterruptedException {
		WatchResponse response = this.responses.poll(SECONDS_MAX, TimeUnit.SECONDS);
		assertThat(response).as("response, status %s", this.status).isNotNull();
		return response;
	}

	List<Event> takeEvents(int count) throws InterruptedException {
		List<Event> events = new ArrayList<>();
		while (events.size() < count) {
			events.addAll(take().getEventsList());
		}
		assertThat(events).hasSize(count);
		return events;
	}

	Status awaitStatus() throws InterruptedException {
		assertThat(this.closed.await(SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
		Status ended = this.status;
		assertThat(ended).isNotNull();
		return ended;
	}

	boolean isOpen() {
		return this.status == null;
	}

	@Override
	public void onMessage(WatchResponse response) {
		this.responses.add(response);
	}

	@Override
	public void onClose(Status status, Metadata trailers) {
		this.status = status;
		this.closed.countDown();
	}

}
