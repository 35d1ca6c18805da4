package dev.kvserver.server.port;

import dev.kvserver.server.metrics.CallMetrics;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Counts calls that do not come over the port, where {@link CallGuard} counts: those of
 * the JSON gateway, which for etcd are calls like any others. Any thread.
 */
public final class CallCounting implements ServerInterceptor {

	private final CallMetrics calls;

	/**
	 * Makes the interceptor.
	 * @param calls where calls are counted
	 */
	public CallCounting(CallMetrics calls) {
		this.calls = calls;
	}

	@Override
	public <Q, S> ServerCall.Listener<Q> interceptCall(ServerCall<Q, S> call, Metadata headers,
			ServerCallHandler<Q, S> next) {
		CallCounters counters = CallCounters.of(this.calls, call.getMethodDescriptor());
		CountedCall<Q, S> counted = new CountedCall<>(call, counters, this.calls.unknownVersion());
		if (!counters.isUnary()) {
			counted.begin();
		}
		return new Listening<>(next.startCall(counted, headers), counted);
	}

	private static final class Listening<Q> extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {

		private final CountedCall<Q, ?> call;

		Listening(ServerCall.Listener<Q> delegate, CountedCall<Q, ?> call) {
			super(delegate);
			this.call = call;
		}

		@Override
		public void onMessage(Q message) {
			this.call.received(message);
			super.onMessage(message);
		}

		@Override
		public void onHalfClose() {
			this.call.receivedAll();
			super.onHalfClose();
		}

		@Override
		public void onCancel() {
			this.call.cancelled(null);
			super.onCancel();
		}

	}

}
