/** Benchmarks that reach into the package. */
@NullMarked
package dev.kvserver.server.mvcc;

import org.jspecify.annotations.NullMarked;
