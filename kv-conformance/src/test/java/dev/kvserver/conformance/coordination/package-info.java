/**
 * Elections and locks by many clients: the same history on a real etcd and on the
 * candidate, and what must hold when clients and connections fail.
 */
@NullMarked
package dev.kvserver.conformance.coordination;

import org.jspecify.annotations.NullMarked;
