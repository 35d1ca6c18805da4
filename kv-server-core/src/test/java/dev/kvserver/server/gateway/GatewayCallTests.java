package dev.kvserver.server.gateway;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Services that fail, and a gateway that has too much to do. */
class GatewayCallTests {

	private static final Executor REJECTING = (task) -> {
		throw new RejectedExecutionException();
	};

	@Test
	void anExceptionBecomesAnAnswer() throws Exception {
		for (String path : List.of("/v3/kv/put", "/v3/lease/keepalive")) {
			HttpAnswer answer = ask(path, "{}", Runnable::run);
			assertThat(answer.status()).isEqualTo(500);
			assertThat(answer.body().toStringUtf8())
				.contains("{\"code\":2,\"message\":\"unexpected error, see the log of the server\"}");
		}
	}

	@Test
	void tooManyStreamsAndLargeRequestsAreRefused() throws Exception {
		String large = "{\"key\":\"" + "YWFh".repeat(20_000) + "\"}";
		for (HttpAnswer answer : List.of(ask("/v3/kv/put", large, REJECTING),
				ask("/v3/lease/keepalive", "{}", REJECTING))) {
			assertThat(answer.body().toStringUtf8())
				.isEqualTo("{\"code\":2,\"message\":\"etcdserver: too many requests\"}");
		}
	}

	private static HttpAnswer ask(String path, String body, Executor jobs) throws Exception {
		GatewayRoutes routes = new GatewayRoutes(
				List.of(new FailingKv().bindService(), new FailingLease().bindService()), List.of(), 1 << 20,
				new GatewayJobs(jobs));
		return routes.find("POST", path)
			.handler()
			.answer(new HttpQuery("POST", path, Map.of(), Map.of(), ByteString.copyFromUtf8(body)))
			.toCompletableFuture()
			.get(20, TimeUnit.SECONDS);
	}

	private static final class FailingKv extends KVGrpc.KVImplBase {

		@Override
		public void put(PutRequest request, StreamObserver<PutResponse> observer) {
			throw new IllegalStateException("on purpose");
		}

	}

	private static final class FailingLease extends LeaseGrpc.LeaseImplBase {

		@Override
		public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
			throw new IllegalStateException("on purpose");
		}

	}

}
