/**
 * Cases that run on real etcd and on this server, and whose answers are compared.
 */
@NullMarked
package dev.kvserver.conformance;

import org.jspecify.annotations.NullMarked;
