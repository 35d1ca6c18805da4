/**
 * Tests of the watch loop, without threads and without gRPC.
 */
@NullMarked
package dev.kvserver.server.watch;

import org.jspecify.annotations.NullMarked;
