package dev.kvserver.benchmarks.load.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A server that answers quickly and wrongly is found out. */
class WrongServerTests {

	private final WrongWatch watch = new WrongWatch();

	private final WrongKv kv = new WrongKv(this.watch);

	private Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
		.directExecutor()
		.addService(this.kv)
		.addService(this.watch)
		.build();

	@BeforeEach
	void start() throws IOException {
		this.server = this.server.start();
	}

	@AfterEach
	void stop() {
		this.server.shutdownNow();
	}

	@Test
	void putThatIsAcknowledgedAndForgottenIsFound() {
		LoadResult result = run(Workload.PUT);
		assertThat(result.isSound()).isFalse();
		assertThat(result.notes()).first().asString().matches("key \\d was written at revision \\d+ and is not there");
	}

	@Test
	void revisionThatIsLeftOutIsFound() {
		this.kv.step = 2;
		assertThat(run(Workload.PUT).notes()).first()
			.asString()
			.matches("the revision rose by 40, but 20 writes were acknowledged");
	}

	@Test
	void wrongKeyIsFound() {
		this.kv.keyValue = KeyValue.newBuilder().setKey(ByteString.copyFromUtf8("other")).build();
		assertThat(run(Workload.GET).notes()).first().asString().endsWith("or another key or value");
	}

	@Test
	void wrongCountAndRangeAreFound() {
		this.kv.countOfRange = 9;
		this.kv.countOfCountOnly = 10;
		assertThat(run(Workload.RANGE).wrongAnswers()).isEqualTo(20);
	}

	@Test
	void txnThatFailsWithoutReasonIsFound() {
		assertThat(run(Workload.TXN).notes()).first()
			.asString()
			.matches("key \\d: a txn failed at revision 0 where 2 was written");
	}

	@Test
	void eventThatIsLeftOutIsFound() {
		this.watch.leftOut = 10;
		LoadResult result = run(Workload.WATCH);
		assertThat(result.notes()).contains("watcher 0 saw revision 11 after 9");
		assertThat(result.notes()).anyMatch((note) -> note.matches("38 events were delivered, not 40"));
	}

	@Test
	void eventThatComesTwiceIsFound() {
		this.watch.repeated = 10;
		assertThat(run(Workload.WATCH).notes()).contains("watcher 1 saw revision 10 after 10");
	}

	@Test
	void errorsAreCountedWithTheirText() {
		this.kv.error = Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: mvcc: database space exceeded");
		LoadResult result = run(Workload.PUT);
		assertThat(result.errors())
			.containsExactly(Map.entry("status 8: etcdserver: mvcc: database space exceeded", 20L));
		assertThat(result.isSound()).isFalse();
	}

	private LoadResult run(Workload workload) {
		LoadOptions options = LoadOptions.builder()
			.keys(10)
			.outstanding(1, 4)
			.count(20)
			.limit(3)
			.watchers(2, 1)
			.drain(Duration.ofSeconds(2))
			.build();
		return workload.run(options, new InetSocketAddress(InetAddress.getLoopbackAddress(), this.server.getPort()), 0);
	}

	/** Acknowledges everything, keeps nothing. */
	private static final class WrongKv extends KVGrpc.KVImplBase {

		private volatile Status error = Status.OK;

		private volatile KeyValue keyValue = KeyValue.getDefaultInstance();

		private volatile int step = 1;

		private volatile int countOfRange;

		private volatile int countOfCountOnly = 10;

		private final WrongWatch watch;

		private long revision = 1;

		WrongKv(WrongWatch watch) {
			this.watch = watch;
		}

		private synchronized ResponseHeader header(int rise) {
			this.revision += rise;
			return ResponseHeader.newBuilder().setRevision(this.revision).build();
		}

		@Override
		public void put(PutRequest request, StreamObserver<PutResponse> observer) {
			if (!this.error.isOk()) {
				observer.onError(this.error.asRuntimeException());
				return;
			}
			ResponseHeader header = header(this.step);
			this.watch.send(request, header.getRevision());
			observer.onNext(PutResponse.newBuilder().setHeader(header).build());
			observer.onCompleted();
		}

		@Override
		public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
			RangeResponse.Builder response = RangeResponse.newBuilder().setHeader(header(0));
			if (request.getCountOnly()) {
				response.setCount(this.countOfCountOnly);
			}
			else if (request.getRangeEnd().isEmpty()) {
				response.addKvs(this.keyValue).setCount(1);
			}
			else {
				response.setCount(this.countOfRange);
			}
			observer.onNext(response.build());
			observer.onCompleted();
		}

		@Override
		public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
			observer.onNext(DeleteRangeResponse.newBuilder().setHeader(header(0)).build());
			observer.onCompleted();
		}

		@Override
		public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
			boolean guarded = request.getCompareCount() > 0;
			observer.onNext(TxnResponse.newBuilder().setHeader(header(guarded ? 0 : 1)).setSucceeded(!guarded).build());
			observer.onCompleted();
		}

	}

	/** Sends every put to watchers 0 and 1, but for what it is told to do wrong. */
	private static final class WrongWatch extends WatchGrpc.WatchImplBase {

		private volatile long leftOut;

		private volatile long repeated;

		private volatile @Nullable StreamObserver<WatchResponse> watchers;

		@Override
		public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> responses) {
			return new StreamObserver<>() {

				private long created;

				@Override
				public void onNext(WatchRequest request) {
					responses.onNext(WatchResponse.newBuilder().setWatchId(this.created++).setCreated(true).build());
					WrongWatch.this.watchers = responses;
				}

				@Override
				public void onError(Throwable failure) {
					WrongWatch.this.watchers = null;
				}

				@Override
				public void onCompleted() {
					WrongWatch.this.watchers = null;
				}

			};
		}

		/** Called by one thread at a time: the client has one connection for puts. */
		synchronized void send(PutRequest put, long revision) {
			StreamObserver<WatchResponse> to = this.watchers;
			if (to == null || revision == this.leftOut) {
				return;
			}
			KeyValue keyValue = KeyValue.newBuilder()
				.setKey(put.getKey())
				.setValue(put.getValue())
				.setModRevision(revision)
				.build();
			for (int times = (revision == this.repeated) ? 2 : 1; times > 0; times--) {
				for (long id = 0; id < 2; id++) {
					to.onNext(WatchResponse.newBuilder()
						.setWatchId(id)
						.addEvents(Event.newBuilder().setKv(keyValue))
						.build());
				}
			}
		}

	}

}
