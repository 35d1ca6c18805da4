package dev.kvserver.server;

import io.grpc.ServerInterceptor;

/**
 * Sees every call of the client port before the server does: those of etcd's services,
 * over gRPC and over the JSON gateway, and those of {@link KvGrpcService}s. A type of its
 * own, because interceptors that are meant for other gRPC servers of an application would
 * change what etcd's clients rely on. Called on event loops, so it must not block.
 */
public interface KvServerInterceptor extends ServerInterceptor {

}
