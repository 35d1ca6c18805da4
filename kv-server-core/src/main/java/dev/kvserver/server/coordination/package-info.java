/**
 * Elections and locks, made of transactions, leases and watches as any client could make
 * them (etcd-contract section 2.14).
 */
@NullMarked
package dev.kvserver.server.coordination;

import org.jspecify.annotations.NullMarked;
