package dev.kvserver.server.gateway;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.server.http.HttpRoutes;
import dev.kvserver.server.port.KvPort;
import dev.kvserver.server.port.PortOptions;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Requests that go on while they are answered: section 4.2 of the contract, Streams. */
@Timeout(60)
class GatewayStreamingTests {

	private final GatewayServer server = new GatewayServer(true);

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aResponseDoesNotWaitForTheEndOfTheBody() throws Exception {
		try (Body watch = new Body("/v3/watch")) {
			watch.send("{\"create_request\":{\"key\":\"YQ==\"}}");
			assertThat(watch.answer.line()).isEqualTo("HTTP/1.1 200 OK");
			assertThat(watch.answer.next()).contains("\"created\":true");
			watch.send("{\"create_request\":{\"key\":\"Yg==\"");
			watch.send("}}\n");
			assertThat(watch.answer.next()).contains("\"watch_id\":\"1\"");
			watch.send("{\"cancel_request\":{\"watch_id\":1}}");
			assertThat(watch.answer.next()).contains("\"canceled\":true");
			this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}");
			assertThat(watch.answer.next()).contains("\"events\"");
		}
	}

	/** "End of body = half-close, and the stream continues (watch)." */
	@Test
	void theEndOfTheBodyDoesNotEndAWatch() throws Exception {
		try (Body watch = new Body("/v3/watch")) {
			watch.send("{\"create_request\":{\"key\":\"YQ==\"}}");
			watch.end();
			assertThat(watch.answer.next()).contains("\"created\":true");
			this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}");
			assertThat(watch.answer.next()).contains("\"events\"");
		}
	}

	@Test
	void theEndOfTheBodyEndsKeepAlivesAndTheConnectionGoesOn() throws Exception {
		this.server.post("/v3/lease/grant", "{\"ID\":7,\"TTL\":60}");
		try (Body keepAlive = new Body("/v3/lease/keepalive")) {
			for (int i = 0; i < 3; i++) {
				keepAlive.send("{\"ID\":7}");
				assertThat(keepAlive.answer.next()).contains("\"ID\":\"7\",\"TTL\":\"60\"");
			}
			keepAlive.end();
			assertThat(keepAlive.answer.line()).isEmpty();
			assertThat(keepAlive.answer.line()).isEqualTo("0");
			assertThat(keepAlive.answer.line()).isEmpty();
			assertThat(keepAlive.answer.line()).isEqualTo("{the end}");
		}
	}

	@Test
	void aRequestThatIsTooLargeEndsTheStream() throws Exception {
		try (Body watch = new Body("/v3/watch")) {
			watch.send("{\"create_request\":{\"key\":\"YQ==\"}}");
			assertThat(watch.answer.next()).contains("\"created\":true");
			String part = "A".repeat(1 << 20);
			watch.send("{\"create_request\":{\"key\":\"");
			try {
				for (int i = 0; i < 4; i++) {
					watch.send(part);
				}
			}
			catch (IOException ex) {
				// The server may have closed the connection by now.
			}
			assertThat(watch.answer.next())
				.isEqualTo("{\"error\":{\"code\":3,\"message\":\"etcdserver: request is too large\"}}");
		}
	}

	@Test
	void whatCannotBeReadHalfClosesTheStream() throws Exception {
		try (Body watch = new Body("/v3/watch")) {
			watch.send("{\"create_request\":{\"key\":\"YQ==\"}}");
			assertThat(watch.answer.next()).contains("\"created\":true");
			watch.send("{nonsense}");
			watch.send("{\"create_request\":{\"key\":\"Yg==\"}}");
			this.server.post("/v3/kv/put", "{\"key\":\"Yg==\"}");
			this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}");
			assertThat(watch.answer.next()).contains("\"events\"").contains("\"key\":\"YQ==\"");
		}
	}

	@Test
	void aClientThatLeavesInTheMiddleOfItsBodyIsNoticed() throws Exception {
		LeavingLease lease = new LeavingLease();
		ExecutorService jobs = Executors.newSingleThreadExecutor();
		GatewayRoutes routes = new GatewayRoutes(List.of(lease.bindService()), List.of(), 1 << 20,
				new GatewayJobs(jobs));
		try (KvPort port = new KvPort(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.build(), List.of(), new HttpRoutes(List.of(), List.of(routes)), List.of())) {
			port.start();
			try (Body body = new Body(port.port(), "/v3/lease/keepalive")) {
				body.send("{\"ID\":7}{\"ID\"");
				assertThat(lease.asked.await(20, TimeUnit.SECONDS)).isTrue();
			}
			assertThat(lease.left.await(20, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			jobs.shutdownNow();
		}
	}

	@Test
	void aMalformedChunkEndsTheConnection() throws Exception {
		try (Body watch = new Body("/v3/watch")) {
			watch.send("{\"create_request\":{\"key\":\"YQ==\"}}");
			assertThat(watch.answer.next()).contains("\"created\":true");
			watch.raw("zz\r\n");
			assertThat(watch.answer.line()).isEmpty();
			assertThat(watch.answer.line()).isEqualTo("{the end}");
		}
	}

	/** A request whose body is sent in chunks. */
	private final class Body implements AutoCloseable {

		private final Socket socket;

		private final OutputStream out;

		private final GatewayServer.Open answer;

		Body(String path) throws IOException {
			this(GatewayStreamingTests.this.server.server().port(), path);
		}

		Body(int port, String path) throws IOException {
			this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
			this.socket.setSoTimeout(20_000);
			this.out = this.socket.getOutputStream();
			this.answer = new GatewayServer.Open(this.socket);
			raw("POST " + path + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
		}

		void send(String piece) throws IOException {
			raw(Integer.toHexString(piece.length()) + "\r\n" + piece + "\r\n");
		}

		void end() throws IOException {
			raw("0\r\n\r\n");
		}

		void raw(String ascii) throws IOException {
			this.out.write(ascii.getBytes(StandardCharsets.US_ASCII));
		}

		@Override
		public void close() throws IOException {
			this.answer.close();
		}

	}

	/** Answers nothing, and remembers whether the client is there. */
	private static final class LeavingLease extends LeaseGrpc.LeaseImplBase {

		private final CountDownLatch asked = new CountDownLatch(1);

		private final CountDownLatch left = new CountDownLatch(1);

		@Override
		public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
			((ServerCallStreamObserver<LeaseKeepAliveResponse>) observer).setOnCancelHandler(this.left::countDown);
			return new StreamObserver<>() {

				@Override
				public void onNext(LeaseKeepAliveRequest request) {
					LeavingLease.this.asked.countDown();
				}

				@Override
				public void onError(Throwable failure) {
					// The handler above is told, too.
				}

				@Override
				public void onCompleted() {
					// The body does not end.
				}

			};
		}

	}

}
