/**
 * Servers that are killed under load, and what has to be there afterwards.
 */
@NullMarked
package dev.kvserver.conformance.kill;

import org.jspecify.annotations.NullMarked;
