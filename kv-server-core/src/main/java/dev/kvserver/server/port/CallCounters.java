package dev.kvserver.server.port;

import dev.kvserver.server.metrics.CallMetrics;
import dev.kvserver.server.metrics.MethodMetrics;
import io.grpc.MethodDescriptor;

/**
 * Where the calls of one method are counted.
 *
 * @param calls all calls
 * @param method the method's
 * @param type what kind of method it is
 */
record CallCounters(CallMetrics calls, MethodMetrics method, MethodDescriptor.MethodType type) {

	/**
	 * The counters of a method. Those that etcd has before its start are told before
	 * their first call.
	 */
	static CallCounters of(CallMetrics calls, MethodDescriptor<?, ?> method) {
		String service = String.valueOf(method.getServiceName());
		boolean always = service.startsWith("etcdserverpb.") || service.equals("grpc.health.v1.Health");
		return new CallCounters(calls,
				calls.method(service, String.valueOf(method.getBareMethodName()), name(method.getType()), always),
				method.getType());
	}

	private static String name(MethodDescriptor.MethodType type) {
		return switch (type) {
			case UNARY, UNKNOWN -> "unary";
			case CLIENT_STREAMING -> "client_stream";
			case SERVER_STREAMING -> "server_stream";
			case BIDI_STREAMING -> "bidi_stream";
		};
	}

	boolean isUnary() {
		return this.type == MethodDescriptor.MethodType.UNARY;
	}

	/** Whether the client may send several messages. */
	boolean takesStream() {
		return !this.type.clientSendsOneMessage();
	}

}
