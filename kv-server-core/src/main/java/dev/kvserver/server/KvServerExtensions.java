package dev.kvserver.server;

import java.util.List;

/**
 * What an application adds to the client port. Immutable.
 *
 * @param httpHandlers pages and services over HTTP, no two for the same path
 * @param services gRPC services
 * @param interceptors called for every call, the first one first
 */
public record KvServerExtensions(List<KvHttpHandler> httpHandlers, List<KvGrpcService> services,
		List<KvServerInterceptor> interceptors) {

	/** Nothing added. */
	public static final KvServerExtensions NONE = new KvServerExtensions(List.of(), List.of(), List.of());

	/**
	 * Copies the lists.
	 */
	public KvServerExtensions {
		httpHandlers = List.copyOf(httpHandlers);
		services = List.copyOf(services);
		interceptors = List.copyOf(interceptors);
	}

}
