/** Tests of the whole server, and of the house rules. */
@NullMarked
package dev.kvserver.server;

import org.jspecify.annotations.NullMarked;
