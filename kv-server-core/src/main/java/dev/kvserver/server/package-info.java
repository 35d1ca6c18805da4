/**
 * The embeddable server, its options and its lifecycle: builds the parts and joins them.
 * All that a host application needs is here.
 */
@NullMarked
package dev.kvserver.server;

import org.jspecify.annotations.NullMarked;
