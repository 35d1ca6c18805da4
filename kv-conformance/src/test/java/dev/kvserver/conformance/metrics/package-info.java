/**
 * The metrics: names and types as etcd's, and the same numbers after the same requests.
 */
@NullMarked
package dev.kvserver.conformance.metrics;

import org.jspecify.annotations.NullMarked;
