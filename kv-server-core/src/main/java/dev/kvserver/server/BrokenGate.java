package dev.kvserver.server;

import java.util.function.BooleanSupplier;

import dev.kvserver.server.error.EtcdError;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthGrpc;

/**
 * Refuses every call but those that ask for health while the server's state is not to be
 * trusted: an answer could be wrong.
 */
final class BrokenGate implements ServerInterceptor {

	private final BooleanSupplier broken;

	BrokenGate(BooleanSupplier broken) {
		this.broken = broken;
	}

	@Override
	public <Q, S> ServerCall.Listener<Q> interceptCall(ServerCall<Q, S> call, Metadata headers,
			ServerCallHandler<Q, S> next) {
		if (!this.broken.getAsBoolean()
				|| HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
			return next.startCall(call, headers);
		}
		call.close(EtcdError.STOPPED.status(), new Metadata());
		return new ServerCall.Listener<>() {
		};
	}

}
