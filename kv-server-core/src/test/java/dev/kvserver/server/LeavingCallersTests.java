package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3electionpb.LeaderRequest;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.server.port.PortOptions;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who leaves a call that waits takes everything along: the key, the watch of those in
 * front, the call itself.
 */
class LeavingCallersTests {

	private static final ByteString NAME = ByteString.copyFromUtf8("n");

	private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

	private final KvServerOptions options = KvServerOptions.builder()
		.port(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.build())
		.compactionBatchLimit(10)
		.build();

	private final Engine engine = Engine.open(this.options, DiskUse.DEFAULT);

	private final Listener listener = open();

	private final ManagedChannel channel = connect();

	@AfterEach
	void close() {
		this.channel.shutdownNow();
		this.listener.close();
		this.engine.close();
	}

	/** How a caller may leave. */
	enum Way {

		CANCEL, DEADLINE, CONNECTION

	}

	static Stream<Way> ways() {
		return Stream.of(Way.values());
	}

	@ParameterizedTest
	@MethodSource("ways")
	void waitingLockLetsGoAtOnce(Way way) {
		LockGrpc.newBlockingStub(this.channel).lock(LockRequest.newBuilder().setName(NAME).build());
		leave(way, LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(NAME).build());
	}

	@ParameterizedTest
	@MethodSource("ways")
	void waitingCampaignLetsGoAtOnce(Way way) {
		ElectionGrpc.newBlockingStub(this.channel).campaign(CampaignRequest.newBuilder().setName(NAME).build());
		leave(way, ElectionGrpc.getCampaignMethod(), CampaignRequest.newBuilder().setName(NAME).build());
	}

	/** Waits until the call stands in the queue, behind one that is there already. */
	private <Q> void leave(Way way, MethodDescriptor<Q, ?> method, Q request) {
		ManagedChannel own = connect();
		BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
		ClientCall<Q, ?> call = start(own, method, request, way, ends);
		await("the place in the queue", () -> keys() == 2 && watchers() == 1);
		end(way, own, call);
		await("the queue is that of before", () -> keys() == 1 && watchers() == 0);
		assertThat(taken(ends).getCode()).isIn(Status.Code.CANCELLED, Status.Code.DEADLINE_EXCEEDED,
				Status.Code.UNAVAILABLE);
		own.shutdownNow();
	}

	@ParameterizedTest
	@MethodSource("ways")
	void observerOfNobodyLetsGoAtOnce(Way way) {
		leaveObserving(way);
	}

	@ParameterizedTest
	@MethodSource("ways")
	void observerOfALeaderLetsGoAtOnce(Way way) {
		ElectionGrpc.newBlockingStub(this.channel).campaign(CampaignRequest.newBuilder().setName(NAME).build());
		leaveObserving(way);
	}

	private void leaveObserving(Way way) {
		ManagedChannel own = connect();
		LeaderRequest request = LeaderRequest.newBuilder().setName(NAME).build();
		ClientCall<LeaderRequest, ?> call = start(own, ElectionGrpc.getObserveMethod(), request, way,
				new LinkedBlockingQueue<>());
		await("the watch", () -> watchers() == 1);
		end(way, own, call);
		await("no watch", () -> watchers() == 0);
		own.shutdownNow();
	}

	/** The compaction goes on, as it does in etcd; only nobody waits for it any more. */
	@ParameterizedTest
	@MethodSource("ways")
	void physicalCompactionGoesOnWithoutItsCaller(Way way) {
		KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(this.channel);
		for (int i = 0; i < 200; i++) {
			kv.put(PutRequest.newBuilder().setKey(NAME).build());
		}
		ManagedChannel own = connect();
		BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
		CompactionRequest compaction = CompactionRequest.newBuilder().setRevision(150).setPhysical(true).build();
		ClientCall<CompactionRequest, ?> call = start(own, KVGrpc.getCompactMethod(), compaction, way, ends);
		end(way, own, call);
		taken(ends);
		kv.withDeadlineAfter(20, TimeUnit.SECONDS).compact(compaction.toBuilder().setRevision(180).build());
		assertThat(this.engine.store().view().compactRevision()).isEqualTo(180);
		own.shutdownNow();
	}

	@Test
	void callThatIsOverWhenItsCallerLeavesKeepsWhatItHas() {
		ManagedChannel own = connect();
		LockGrpc.newBlockingStub(own).lock(LockRequest.newBuilder().setName(NAME).build());
		own.shutdownNow();
		ClientCall<LockRequest, ?> waiting = start(this.channel, LockGrpc.getLockMethod(),
				LockRequest.newBuilder().setName(NAME).build(), Way.CANCEL, new LinkedBlockingQueue<>());
		await("the place behind it", () -> keys() == 2 && watchers() == 1);
		waiting.cancel("enough", null);
		await("only the first", () -> keys() == 1);
	}

	private <Q> ClientCall<Q, ?> start(ManagedChannel from, MethodDescriptor<Q, ?> method, Q request, Way way,
			BlockingQueue<Status> ends) {
		CallOptions callOptions = (way == Way.DEADLINE) ? CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS)
				: CallOptions.DEFAULT;
		return start(from.newCall(method, callOptions), request, ends);
	}

	private static <Q, A> ClientCall<Q, A> start(ClientCall<Q, A> call, Q request, BlockingQueue<Status> ends) {
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onClose(Status status, Metadata trailers) {
				ends.add(status);
			}

		}, new Metadata());
		call.request(Integer.MAX_VALUE);
		call.sendMessage(request);
		call.halfClose();
		return call;
	}

	private static void end(Way way, ManagedChannel own, ClientCall<?, ?> call) {
		switch (way) {
			case CANCEL -> call.cancel("enough", null);
			case CONNECTION -> own.shutdownNow();
			case DEADLINE -> {
				// It ends by itself.
			}
		}
	}

	private static Status taken(BlockingQueue<Status> ends) {
		try {
			Status end = ends.poll(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
			assertThat(end).as("an end").isNotNull();
			return end;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static void await(String state, BooleanSupplier isReached) {
		long start = System.nanoTime();
		while (!isReached.getAsBoolean() && System.nanoTime() - start < PATIENCE_NANOS) {
			LockSupport.parkNanos(500_000);
		}
		assertThat(isReached.getAsBoolean()).as(state).isTrue();
	}

	private int watchers() {
		return this.engine.watches().stats().watchers();
	}

	private long keys() {
		return KVGrpc.newBlockingStub(this.channel)
			.range(RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).setCountOnly(true).build())
			.getCount();
	}

	private Listener open() {
		Listener opened = new Listener(this.options, this.options.port(), this.engine, KvServerExtensions.NONE);
		opened.open();
		return opened;
	}

	private ManagedChannel connect() {
		return ManagedChannelBuilder.forAddress("127.0.0.1", this.listener.addresses().get(0).getPort())
			.usePlaintext()
			.build();
	}

}
