package dev.kvserver.benchmarks.load.http2;

/**
 * What matters of response headers or trailers.
 *
 * @param httpStatus the HTTP status, 0 if it was not there
 * @param grpcStatus the gRPC status, -1 if it was not there
 * @param grpcMessage the message to it, decoded; empty if it was not there
 */
record ResponseHead(int httpStatus, int grpcStatus, String grpcMessage) {

}
