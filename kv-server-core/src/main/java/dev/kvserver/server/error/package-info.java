/**
 * The errors of etcd: a code and an exact text each.
 */
@NullMarked
package dev.kvserver.server.error;

import org.jspecify.annotations.NullMarked;
