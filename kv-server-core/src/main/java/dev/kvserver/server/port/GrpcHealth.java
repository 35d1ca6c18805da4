package dev.kvserver.server.port;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.kvserver.server.error.EtcdError;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * {@code grpc.health.v1.Health} for the one service "", as in etcd (etcd-contract section
 * 2.15): SERVING from the start, NOT_SERVING from {@link #fail()} or {@link #drain()} on.
 * Any thread; never blocks, except that a watcher's answer is written under the lock that
 * keeps the order of its answers.
 */
public final class GrpcHealth extends HealthGrpc.HealthImplBase {

	/** One text for Check, SERVICE_UNKNOWN for Watch, as in grpc-go. */
	private static final Status UNKNOWN_SERVICE = Status.NOT_FOUND.withDescription("unknown service");

	private final Object lock = new Object();

	/** The service each one asked for; guarded by the lock. */
	private final Map<StreamObserver<HealthCheckResponse>, String> watchers = new LinkedHashMap<>();

	/** Guarded by the lock. */
	private ServingStatus status = ServingStatus.SERVING;

	/** Guarded by the lock. */
	private boolean closed;

	/**
	 * Makes the service, serving.
	 */
	public GrpcHealth() {
		// Nothing to set.
	}

	@Override
	public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> responses) {
		if (!request.getService().isEmpty()) {
			responses.onError(UNKNOWN_SERVICE.asException());
			return;
		}
		responses.onNext(answer());
		responses.onCompleted();
	}

	@Override
	public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> responses) {
		((ServerCallStreamObserver<HealthCheckResponse>) responses).setOnCancelHandler(() -> forget(responses));
		synchronized (this.lock) {
			if (this.closed) {
				responses.onError(EtcdError.STOPPED.status().asException());
				return;
			}
			this.watchers.put(responses, request.getService());
			responses.onNext(request.getService().isEmpty() ? of(this.status) : of(ServingStatus.SERVICE_UNKNOWN));
		}
	}

	/**
	 * Says NOT_SERVING from now on, also to those who watch.
	 */
	public void fail() {
		synchronized (this.lock) {
			if (this.status == ServingStatus.SERVING) {
				this.status = ServingStatus.NOT_SERVING;
				this.watchers.forEach((watcher, service) -> {
					if (service.isEmpty()) {
						watcher.onNext(of(this.status));
					}
				});
			}
		}
	}

	/**
	 * Says NOT_SERVING from now on and ends every Watch, so that none of them keeps its
	 * connection from closing.
	 */
	public void drain() {
		synchronized (this.lock) {
			boolean wasServing = this.status == ServingStatus.SERVING;
			this.status = ServingStatus.NOT_SERVING;
			this.closed = true;
			this.watchers.forEach((watcher, service) -> {
				if (service.isEmpty() && wasServing) {
					watcher.onNext(of(this.status));
				}
				watcher.onError(EtcdError.STOPPED.status().asException());
			});
			this.watchers.clear();
		}
	}

	/**
	 * How many Watch calls are open.
	 * @return the number
	 */
	int watchers() {
		synchronized (this.lock) {
			return this.watchers.size();
		}
	}

	private void forget(StreamObserver<HealthCheckResponse> watcher) {
		synchronized (this.lock) {
			this.watchers.remove(watcher);
		}
	}

	private HealthCheckResponse answer() {
		synchronized (this.lock) {
			return of(this.status);
		}
	}

	private static HealthCheckResponse of(ServingStatus status) {
		return HealthCheckResponse.newBuilder().setStatus(status).build();
	}

}
