/**
 * <<<<<<< HEAD Tests of the gRPC services, over real connections. ======= Tests of the
 * services over real gRPC. >>>>>>> 0337533 (core: Serve Watch over gRPC, many responses
 * to a frame)
 */
@NullMarked
package dev.kvserver.server.rpc;

import org.jspecify.annotations.NullMarked;
