/**
 * Server processes that the cases run against: real etcd and our own.
 */
@NullMarked
package dev.kvserver.conformance.process;

import org.jspecify.annotations.NullMarked;
