/** Attacks on a running server, and clients that must not notice them. */
@NullMarked
package dev.kvserver.conformance.attack;

import org.jspecify.annotations.NullMarked;
