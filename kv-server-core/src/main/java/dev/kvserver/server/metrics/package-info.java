/**
 * The metric names of etcd, in one place.
 */
@NullMarked
package dev.kvserver.server.metrics;

import org.jspecify.annotations.NullMarked;
