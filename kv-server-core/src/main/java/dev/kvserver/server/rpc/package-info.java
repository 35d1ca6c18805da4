/**
 * The gRPC services: check the request, ask the parts below, fill the header. They hold
 * no state.
 */
@NullMarked
package dev.kvserver.server.rpc;

import org.jspecify.annotations.NullMarked;
