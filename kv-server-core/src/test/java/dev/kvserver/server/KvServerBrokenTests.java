package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.port.PortOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An error of ours in one of the server's own threads: no answer is to be trusted any
 * more, and the JVM, which is the application's, goes on.
 */
@Timeout(60)
class KvServerBrokenTests {

	private static final String STOPPED = "UNAVAILABLE: etcdserver: server stopped";

	private static final ByteString KEY = ByteString.copyFromUtf8("k");

	private volatile boolean broken;

	@Test
	void everyCallIsRefusedAndStreamsEnd() throws Exception {
		try (KvServer server = open()) {
			server.listen();
			ManagedChannel channel = channel(server);
			try {
				Ends<WatchResponse> watch = new Ends<>();
				WatchGrpc.newStub(channel)
					.watch(watch)
					.onNext(WatchRequest.newBuilder()
						.setCreateRequest(WatchCreateRequest.newBuilder().setKey(KEY))
						.build());
				Ends<LeaseKeepAliveResponse> keepAlive = new Ends<>();
				LeaseGrpc.newStub(channel)
					.leaseKeepAlive(keepAlive)
					.onNext(LeaseKeepAliveRequest.newBuilder().setID(1).build());
				assertThat(watch.next()).asString().contains("created: true");
				assertThat(keepAlive.next()).asString().contains("ID: 1");
				breakDown(server);
				assertThat(watch.next()).hasToString("io.grpc.StatusRuntimeException: " + STOPPED);
				assertThat(keepAlive.next()).hasToString("io.grpc.StatusRuntimeException: " + STOPPED);
				assertRefusesEverything(channel);
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	@Test
	void theEmbeddedStoreRefuses() {
		try (KvServer server = open()) {
			breakDown(server);
			assertThat(server.health().reason()).isEqualTo("kv-lease: broken on purpose");
			for (boolean serializable : new boolean[] { true, false }) {
				RangeRequest read = RangeRequest.newBuilder().setKey(KEY).setSerializable(serializable).build();
				assertThatExceptionOfType(ExecutionException.class)
					.isThrownBy(() -> server.store().range(read).get(20, TimeUnit.SECONDS))
					.withMessageContaining("etcdserver: server stopped");
			}
		}
	}

	@Test
	void aPortThatIsOpenedLaterRefuses() {
		try (KvServer server = open()) {
			breakDown(server);
			server.listen();
			ManagedChannel channel = channel(server);
			try {
				assertRefusesEverything(channel);
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	private void assertRefusesEverything(ManagedChannel channel) {
		KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
		assertRefused(() -> kv.range(RangeRequest.newBuilder().setKey(KEY).build()));
		assertRefused(() -> kv.range(RangeRequest.newBuilder().setKey(KEY).setSerializable(true).build()));
		assertRefused(() -> kv.put(PutRequest.newBuilder().setKey(KEY).build()));
		assertRefused(() -> LeaseGrpc.newBlockingStub(channel).leaseLeases(LeaseLeasesRequest.getDefaultInstance()));
		assertRefused(() -> MaintenanceGrpc.newBlockingStub(channel).status(StatusRequest.getDefaultInstance()));
		assertThat(HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus())
			.isEqualTo(ServingStatus.NOT_SERVING);
	}

	private static void assertRefused(ThrowingCallable call) {
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(call).withMessage(STOPPED);
	}

	private void breakDown(KvServer server) {
		this.broken = true;
		// Wakes the thread, which then looks at the clock.
		Future<?> granting = server.store().leaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build());
		assertThat(granting).isNotNull();
		while (server.health().up()) {
			Thread.onSpinWait();
		}
	}

	private KvServer open() {
		return KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.clock(this::nanoTime)
			.build());
	}

	private long nanoTime() {
		if (this.broken && Thread.currentThread().getName().equals("kv-lease")) {
			throw new IllegalStateException("broken on purpose");
		}
		return System.nanoTime();
	}

	private static ManagedChannel channel(KvServer server) {
		return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
	}

	/** Keeps what a stream brings, its end included. */
	private static final class Ends<T> implements StreamObserver<T> {

		private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

		Object next() throws InterruptedException {
			Object next = this.seen.poll(20, TimeUnit.SECONDS);
			assertThat(next).isNotNull();
			return next;
		}

		@Override
		public void onNext(T message) {
			this.seen.add(message);
		}

		@Override
		public void onError(Throwable failure) {
			this.seen.add(failure);
		}

		@Override
		public void onCompleted() {
			this.seen.add("completed");
		}

	}

}
