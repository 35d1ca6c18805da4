/** What the log costs. */
@NullMarked
package dev.kvserver.server.log;

import org.jspecify.annotations.NullMarked;
