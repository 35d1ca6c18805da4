/**
 * Unmodified clients of etcd, on a real etcd and on the sample application started as the
 * README says.
 */
@NullMarked
package dev.kvserver.conformance.clients;

import org.jspecify.annotations.NullMarked;
