/**
 * The messages that the load driver sends and reads, in the wire format of protobuf,
 * framed for gRPC. Written for speed: nothing is allocated per message.
 */
@NullMarked
package dev.kvserver.benchmarks.load.wire;

import org.jspecify.annotations.NullMarked;
