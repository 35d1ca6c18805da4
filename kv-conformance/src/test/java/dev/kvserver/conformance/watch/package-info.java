/**
 * Watch streams whose responses are kept.
 */
@NullMarked
package dev.kvserver.conformance.watch;

import org.jspecify.annotations.NullMarked;
