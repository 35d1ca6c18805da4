/** Tests of keys and ranges. */
@NullMarked
package dev.kvserver.server.key;

import org.jspecify.annotations.NullMarked;
