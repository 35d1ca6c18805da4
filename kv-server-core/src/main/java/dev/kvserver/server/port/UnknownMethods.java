package dev.kvserver.server.port;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Set;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls to what is not registered, in the words of grpc-go (etcd-contract section
 * 3.2). Any thread.
 */
final class UnknownMethods extends HandlerRegistry {

	private static final MethodDescriptor.Marshaller<InputStream> BYTES = new MethodDescriptor.Marshaller<>() {

		@Override
		public InputStream stream(InputStream value) {
			return value;
		}

		@Override
		public InputStream parse(InputStream stream) {
			return new ByteArrayInputStream(new byte[0]);
		}

	};

	private final Set<String> services;

	/**
	 * Makes the registry.
	 * @param services the names of the services that are registered
	 */
	UnknownMethods(Set<String> services) {
		this.services = Set.copyOf(services);
	}

	@Override
	public ServerMethodDefinition<?, ?> lookupMethod(String path, @Nullable String authority) {
		Status status = Status.UNIMPLEMENTED.withDescription(describe(path));
		MethodDescriptor<InputStream, InputStream> descriptor = MethodDescriptor.<InputStream, InputStream>newBuilder()
			.setType(MethodDescriptor.MethodType.UNKNOWN)
			.setFullMethodName(path)
			.setRequestMarshaller(BYTES)
			.setResponseMarshaller(BYTES)
			.build();
		return ServerMethodDefinition.create(descriptor, (call, headers) -> {
			call.close(status, new Metadata());
			return new ServerCall.Listener<>() {
			};
		});
	}

	private String describe(String path) {
		int slash = path.lastIndexOf('/');
		if (slash < 0) {
			return "malformed method name: \"/" + path + '"';
		}
		String service = path.substring(0, slash);
		String method = path.substring(slash + 1);
		return this.services.contains(service) ? "unknown method " + method + " for service " + service
				: "unknown service " + service;
	}

}
