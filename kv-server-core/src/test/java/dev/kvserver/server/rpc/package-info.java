/**
 * Tests of the gRPC services, over real connections.
 */
@NullMarked
package dev.kvserver.server.rpc;

import org.jspecify.annotations.NullMarked;
