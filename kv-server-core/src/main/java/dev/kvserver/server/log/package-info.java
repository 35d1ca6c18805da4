/**
 * From proposed to committed, in order and durable; and the barrier that makes a read
 * linearizable.
 */
@NullMarked
package dev.kvserver.server.log;

import org.jspecify.annotations.NullMarked;
