/**
 * Requests as data: what is asked, what came back, and how to tell two answers apart.
 */
@NullMarked
package dev.kvserver.conformance.grpc;

import org.jspecify.annotations.NullMarked;
