/**
 * gRPC calls over HTTP/2 without TLS and without a client library: the driver shares the
 * machine with the server it measures, so a call must cost it next to nothing.
 */
@NullMarked
package dev.kvserver.benchmarks.load.http2;

import org.jspecify.annotations.NullMarked;
