/**
 * Ranges of keys and the order of bytes.
 */
@NullMarked
package dev.kvserver.server.key;

import org.jspecify.annotations.NullMarked;
