/** What the stores cost. */
@NullMarked
package dev.kvserver.server.storage;

import org.jspecify.annotations.NullMarked;
