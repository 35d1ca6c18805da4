package dev.kvserver.server.rpc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.server.metrics.StoreMetrics;
import dev.kvserver.server.snapshot.SnapshotMember;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.WriteBatch;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What snapshot calls hold, and when they let go. */
class SnapshotStreamTests {

	private static final int VALUES = 300;

	private static final int VALUE_BYTES = 100_000;

	private final CountingStorage storage = new CountingStorage();

	/** A permit for each call that the server has begun. */
	private final Semaphore started = new Semaphore(0);

	/** A permit for each call whose end without success the server has taken in. */
	private final Semaphore cancelled = new Semaphore(0);

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	@AfterEach
	void end() {
		this.executor.shutdownNow();
	}

	@Test
	void clientThatDoesNotReadIsNotSentMoreThanFitsItsWindow() throws Exception {
		try (LocalServer server = open()) {
			Call call = new Call(server);
			call.request(1);
			assertThat(call.messages.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
			awaitIdle();
			// All values once for the size, and then what the client has room for.
			assertThat(this.storage.values.get()).isLessThan(VALUES + VALUES / 4);
			assertThat(this.storage.pinned.get()).isEqualTo(1);
			call.request(Integer.MAX_VALUE);
			assertThat(call.status()).isEqualTo(Status.Code.OK);
			awaitUnpinned();
		}
	}

	@Test
	void cancelledCallLetsTheStoreGo() throws Exception {
		try (LocalServer server = open()) {
			Call call = new Call(server);
			call.request(1);
			assertThat(call.messages.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
			assertThat(this.storage.pinned.get()).isEqualTo(1);
			call.cancel();
			awaitUnpinned();
		}
	}

	@Test
	void callCancelledWhileTheStoreIsReadForItsSizeLetsItGo() throws Exception {
		this.storage.gate = new CountDownLatch(1);
		try (LocalServer server = open()) {
			Call call = new Call(server);
			assertThat(this.storage.reached.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
			call.cancel();
			assertThat(call.status()).isEqualTo(Status.Code.CANCELLED);
			Call waiting = new Call(server);
			assertThat(this.started.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
			waiting.cancel();
			// The server hears of it later than the client.
			assertThat(this.cancelled.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
			this.storage.gate.countDown();
			awaitUnpinned();
			assertThat(this.storage.values.get()).isLessThan(VALUES);
		}
	}

	@Test
	void moreCallsThanAllowedAreRefusedAndOthersGoOn() throws Exception {
		try (LocalServer server = open()) {
			Call[] calls = new Call[Snapshots.CALLS_MAX];
			for (int i = 0; i < calls.length; i++) {
				calls[i] = new Call(server);
				calls[i].request(1);
				assertThat(calls[i].messages.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
			}
			Call refused = new Call(server);
			refused.request(1);
			assertThat(refused.status()).isEqualTo(Status.Code.UNKNOWN);
			calls[0].request(Integer.MAX_VALUE);
			assertThat(calls[0].status()).isEqualTo(Status.Code.OK);
			for (Call call : calls) {
				call.cancel();
			}
			awaitUnpinned();
			Call next = new Call(server);
			next.request(Integer.MAX_VALUE);
			assertThat(next.status()).isEqualTo(Status.Code.OK);
		}
	}

	private LocalServer open() throws IOException {
		try (WriteBatch batch = this.storage.newBatch()) {
			for (int i = 0; i < VALUES; i++) {
				batch.put(Bucket.KEY, "%09d".formatted(i).getBytes(StandardCharsets.US_ASCII), new byte[VALUE_BYTES]);
			}
			this.storage.write(batch);
		}
		SnapshotMember member = new SnapshotMember(1, "m", List.of(), List.of(), "3.7.0");
		Snapshots snapshots = new Snapshots(this.storage, () -> member, this.executor,
				StoreMetrics.create().maintenance());
		MaintenanceGrpc.MaintenanceImplBase service = new MaintenanceGrpc.MaintenanceImplBase() {

			@Override
			public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> observer) {
				snapshots.start((ServerCallStreamObserver<SnapshotResponse>) observer);
				SnapshotStreamTests.this.started.release();
			}

		};
		return new LocalServer(() -> ServerInterceptors.intercept(service, new CancelledCalls()));
	}

	/** Waits until everything the executor had to do is done. */
	private void awaitIdle() throws Exception {
		this.executor.submit(() -> {
		}).get(20, TimeUnit.SECONDS);
	}

	private void awaitUnpinned() throws Exception {
		awaitIdle();
		assertThat(this.storage.unpinned.tryAcquire(this.storage.pins.get(), 20, TimeUnit.SECONDS)).isTrue();
		assertThat(this.storage.pinned.get()).isZero();
		this.storage.unpinned.release(this.storage.pins.get());
	}

	/** A call that reads as much as it is told to. */
	private static final class Call extends ClientCall.Listener<SnapshotResponse> {

		private final ClientCall<SnapshotRequest, SnapshotResponse> call;

		private final Semaphore messages = new Semaphore(0);

		private final CountDownLatch closed = new CountDownLatch(1);

		private volatile Status.@Nullable Code code;

		Call(LocalServer server) {
			this.call = server.channel().newCall(MaintenanceGrpc.getSnapshotMethod(), CallOptions.DEFAULT);
			this.call.start(this, new Metadata());
			this.call.sendMessage(SnapshotRequest.getDefaultInstance());
			this.call.halfClose();
		}

		void request(int messages) {
			this.call.request(messages);
		}

		void cancel() {
			this.call.cancel("enough", null);
		}

		Status.@Nullable Code status() throws InterruptedException {
			assertThat(this.closed.await(20, TimeUnit.SECONDS)).isTrue();
			return this.code;
		}

		@Override
		public void onMessage(SnapshotResponse message) {
			this.messages.release();
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.code = status.getCode();
			this.closed.countDown();
		}

	}

	/** Tells which calls the server knows to be cancelled. */
	private final class CancelledCalls implements ServerInterceptor {

		@Override
		public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
				ServerCallHandler<Q, A> next) {
			return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {

				@Override
				public void onCancel() {
					super.onCancel();
					SnapshotStreamTests.this.cancelled.release();
				}

			};
		}

	}

	/** Counts pins and values read, and may stop a reader at its first value. */
	private static final class CountingStorage implements Storage {

		private final MemoryStorage storage = new MemoryStorage();

		private final AtomicInteger pinned = new AtomicInteger();

		private final AtomicInteger pins = new AtomicInteger();

		private final Semaphore unpinned = new Semaphore(0);

		private final AtomicInteger values = new AtomicInteger();

		private final Semaphore reached = new Semaphore(0);

		private volatile CountDownLatch gate = new CountDownLatch(0);

		@Override
		public byte @Nullable [] get(Bucket bucket, byte[] key) {
			return this.storage.get(bucket, key);
		}

		@Override
		public Scan scan(Bucket bucket, byte[] from, byte @Nullable [] end) {
			return this.storage.scan(bucket, from, end);
		}

		@Override
		public Pinned pin() {
			Pinned pin = this.storage.pin();
			this.pins.incrementAndGet();
			this.pinned.incrementAndGet();
			return new Pinned() {

				@Override
				public Scan scan(Bucket bucket) {
					Scan scan = pin.scan(bucket);
					return (bucket != Bucket.KEY) ? scan : counted(scan);
				}

				@Override
				public void close() {
					pin.close();
					CountingStorage.this.pinned.decrementAndGet();
					CountingStorage.this.unpinned.release();
				}

			};
		}

		private Scan counted(Scan scan) {
			return new Scan() {

				@Override
				public boolean next() {
					return scan.next();
				}

				@Override
				public byte[] key() {
					return scan.key();
				}

				@Override
				public byte[] value() {
					CountingStorage.this.values.incrementAndGet();
					CountingStorage.this.reached.release();
					try {
						CountingStorage.this.gate.await();
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
					return scan.value();
				}

				@Override
				public void close() {
					scan.close();
				}

			};
		}

		@Override
		public WriteBatch newBatch() {
			return this.storage.newBatch();
		}

		@Override
		public void write(WriteBatch batch) {
			this.storage.write(batch);
		}

		@Override
		public void flush() {
			this.storage.flush();
		}

		@Override
		public long sizeBytes() {
			return this.storage.sizeBytes();
		}

		@Override
		public long sizeInUseBytes() {
			return this.storage.sizeInUseBytes();
		}

		@Override
		public void close() {
			this.storage.close();
		}

	}

}
