/**
 * The load driver: measures servers of the etcd API, etcd itself and this one, side by
 * side.
 */
@NullMarked
package dev.kvserver.benchmarks.load;

import org.jspecify.annotations.NullMarked;
