package dev.kvserver.server.port;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The health service, with real calls.
 */
class GrpcHealthTests {

	private final OpenPort server = new OpenPort(UnaryOperator.identity());

	/** What watchers see, as text. */
	private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void theServerIsServingUntilItDrains() {
		assertThat(check("")).isEqualTo("SERVING");
		this.server.health.drain();
		assertThat(check("")).isEqualTo("NOT_SERVING");
	}

	@Test
	void anyOtherServiceIsUnknown() {
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> check("etcdserverpb.KV"))
			.withMessage("NOT_FOUND: unknown service");
	}

	@Test
	void watchTellsTheStateAndEndsWhenTheServerDrains() throws InterruptedException {
		watch("");
		assertThat(next()).isEqualTo("SERVING");
		this.server.health.drain();
		assertThat(next()).isEqualTo("NOT_SERVING");
		assertThat(next()).isEqualTo("UNAVAILABLE: etcdserver: server stopped");
		assertThat(this.server.health.watchers()).isZero();
	}

	@Test
	void watchOfAnotherServiceStaysUnknown() throws InterruptedException {
		watch("etcdserverpb.KV");
		assertThat(next()).isEqualTo("SERVICE_UNKNOWN");
		this.server.health.drain();
		assertThat(next()).isEqualTo("UNAVAILABLE: etcdserver: server stopped");
	}

	@Test
	void watchAfterTheDrainEndsAtOnce() throws InterruptedException {
		this.server.health.drain();
		watch("");
		assertThat(next()).isEqualTo("UNAVAILABLE: etcdserver: server stopped");
	}

	@Test
	void aWatcherThatLeavesIsForgotten() throws InterruptedException {
		Context.CancellableContext context = Context.current().withCancellation();
		context.run(() -> watch(""));
		assertThat(next()).isEqualTo("SERVING");
		assertThat(this.server.health.watchers()).isEqualTo(1);
		context.cancel(null);
		assertEventually("forgotten", () -> this.server.health.watchers() == 0);
	}

	private String check(String service) {
		return HealthGrpc.newBlockingStub(this.server.channel())
			.check(HealthCheckRequest.newBuilder().setService(service).build())
			.getStatus()
			.name();
	}

	private void watch(String service) {
		HealthGrpc.newStub(this.server.channel())
			.watch(HealthCheckRequest.newBuilder().setService(service).build(), new Recorder());
	}

	private String next() throws InterruptedException {
		return String.valueOf(this.seen.poll(20, TimeUnit.SECONDS));
	}

	private final class Recorder implements StreamObserver<HealthCheckResponse> {

		@Override
		public void onNext(HealthCheckResponse response) {
			GrpcHealthTests.this.seen.add(response.getStatus().name());
		}

		@Override
		public void onError(Throwable failure) {
			Status status = Status.fromThrowable(failure);
			GrpcHealthTests.this.seen.add(status.getCode() + ": " + status.getDescription());
		}

		@Override
		public void onCompleted() {
			GrpcHealthTests.this.seen.add("completed");
		}

	}

}
