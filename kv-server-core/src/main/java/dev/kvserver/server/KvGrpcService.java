package dev.kvserver.server;

import io.grpc.ServerServiceDefinition;

/**
 * A gRPC service of the application's own on the client port, as with etcd's
 * {@code ServiceRegister}. It is called on event loops, so it must not block, and it asks
 * for no auth. Its name must not be one of the server's own services.
 */
@FunctionalInterface
public interface KvGrpcService {

	/**
	 * Describes the service. Called when the port is opened.
	 * @return the definition, for example by {@code bindService()}
	 */
	ServerServiceDefinition definition();

}
