/**
 * The JSON gateway: etcd's methods over HTTP/1, by the routes that the protocol's
 * descriptors name (etcd-contract section 4.2). It calls the services in this process,
 * through the same checks as callers over gRPC.
 */
@NullMarked
package dev.kvserver.server.gateway;

import org.jspecify.annotations.NullMarked;
