package dev.kvserver.server.rpc;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.error.EtcdError;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Watch over real gRPC (etcd-contract sections 2.9 and 9). */
@Timeout(60)
class WatchServiceTests {

	/** How the client reaches the server. */
	enum Transport {

		TCP, IN_PROCESS;

		WatchServer open() {
			return (this == TCP) ? WatchServer.batching() : WatchServer.inProcess();
		}

	}

	@ParameterizedTest
	@EnumSource
	void eventsGoOnAfterTheClientHasHalfClosed(Transport transport) throws InterruptedException {
		try (WatchServer server = transport.open()) {
			WatchClient client = server.client();
			client.create(WatchClient.watch("a"));
			client.halfClose();
			server.put("a", "1");
			assertThat(client.takeEvents(1).get(0).getKv().getValue().toStringUtf8()).isEqualTo("1");
			server.put("a", "2");
			client.takeEvents(1);
			assertThat(client.isOpen()).isTrue();
			client.cancel();
		}
	}

	@ParameterizedTest
	@EnumSource
	void cancelledCallLeavesNothingBehind(Transport transport) throws InterruptedException {
		try (WatchServer server = transport.open()) {
			WatchClient client = server.client();
			client.create(WatchClient.watch("a").setProgressNotify(true));
			client.create(WatchClient.watch("b").setStartRevision(100));
			assertThat(server.loop.stats().streams()).isOne();
			client.cancel();
			await(() -> server.service.openCalls() == 0 && server.loop.stats().streams() == 0
					&& server.loop.stats().watchers() == 0);
		}
	}

	@Test
	void lostConnectionLeavesNothingBehind() throws InterruptedException {
		try (WatchServer server = WatchServer.batching()) {
			server.client().create(WatchClient.watch("a"));
			server.client().create(WatchClient.watch("a"));
			server.reconnect();
			await(() -> server.service.openCalls() == 0 && server.loop.stats().streams() == 0);
			WatchClient client = server.client();
			client.create(WatchClient.watch("a"));
			server.put("a", "1");
			client.takeEvents(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	void drainEndsOpenAndLaterCallsAsUnavailable(Transport transport) throws InterruptedException {
		try (WatchServer server = transport.open()) {
			WatchClient client = server.client();
			client.create(WatchClient.watch("a"));
			server.service.drain(EtcdError.STOPPED.status());
			assertStopped(client.awaitStatus());
			assertStopped(server.client().awaitStatus());
			await(() -> server.service.openCalls() == 0 && server.loop.stats().streams() == 0);
		}
	}

	@ParameterizedTest
	@EnumSource
	void endOfTheLoopEndsOpenAndLaterCallsAsUnavailable(Transport transport) throws InterruptedException {
		try (WatchServer server = transport.open()) {
			WatchClient client = server.client();
			client.create(WatchClient.watch("a"));
			server.stopLoop();
			assertStopped(client.awaitStatus());
			WatchClient late = server.client();
			late.send(WatchClient.watch("a"));
			assertStopped(late.awaitStatus());
			await(() -> server.service.openCalls() == 0);
		}
	}

	@Test
	void interceptorsSeeACancelledCallEndWithEtcdsStatus() throws InterruptedException {
		BlockingQueue<Status> seen = new LinkedBlockingQueue<>();
		try (WatchServer server = WatchServer.batching((builder) -> builder.intercept(new StatusRecorder(seen)))) {
			WatchClient client = server.client();
			client.create(WatchClient.watch("a"));
			client.cancel();
			Status status = seen.poll(30, TimeUnit.SECONDS);
			assertThat(status).isNotNull();
			assertThat(status.getCode()).isEqualTo(Status.Code.CANCELLED);
			assertThat(status.getDescription()).isEqualTo("etcdserver: watch canceled");
		}
	}

	@Test
	void manyRequestsAtOnceAreAllAnsweredInOrder() throws InterruptedException {
		try (WatchServer server = WatchServer.batching()) {
			WatchClient client = server.client();
			for (int i = 1; i <= 5_000; i++) {
				client.send(WatchClient.watch("k" + i).setWatchId(i));
			}
			for (int i = 1; i <= 5_000; i++) {
				assertThat(client.take().getWatchId()).isEqualTo(i);
			}
			server.put("k4999", "1");
			assertThat(client.take().getWatchId()).isEqualTo(4_999);
		}
	}

	/** gRPC's own window on the client is 1 MiB; behind it only a bound may pile up. */
	@ParameterizedTest
	@EnumSource
	void clientThatDoesNotReadFallsBehindAndMissesNothing(Transport transport) throws InterruptedException {
		try (WatchServer server = transport.open()) {
			WatchClient client = server.slowClient();
			client.create(WatchClient.watch("a"));
			WatchClient other = server.client();
			other.create(WatchClient.watch("a"));
			String value = "v".repeat(100_000);
			for (int i = 0; i < 100; i++) {
				server.put("a", value + i);
			}
			assertThat(other.takeEvents(100)).hasSize(100);
			await(() -> server.loop.stats().slowWatchers() == 1);
			client.request(1_000);
			var events = client.takeEvents(100);
			for (int i = 0; i < 100; i++) {
				assertThat(events.get(i).getKv().getModRevision()).isEqualTo(i + 2);
			}
			server.put("a", "last");
			WatchResponse last = client.take();
			assertThat(last.getEvents(0).getKv().getModRevision()).isEqualTo(102);
		}
	}

	private static void assertStopped(Status status) {
		assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(status.getDescription()).isEqualTo("etcdserver: server stopped");
	}

	/** Waits for what other threads do; a test's timeout ends it. */
	static void await(BooleanSupplier condition) {
		while (!condition.getAsBoolean()) {
			LockSupport.parkNanos(100_000);
		}
	}

	/** Notes how calls end. */
	private record StatusRecorder(BlockingQueue<Status> seen) implements ServerInterceptor {

		@Override
		public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
				ServerCallHandler<Q, A> next) {
			return next.startCall(new SimpleForwardingServerCall<>(call) {

				@Override
				public void close(Status status, Metadata trailers) {
					StatusRecorder.this.seen.add(status);
					super.close(status, trailers);
				}

			}, headers);
		}

	}

}
