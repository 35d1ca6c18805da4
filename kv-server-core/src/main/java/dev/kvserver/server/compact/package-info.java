/**
 * The auto-compaction policy, and the background deletion of what a compaction freed.
 */
@NullMarked
package dev.kvserver.server.compact;

import org.jspecify.annotations.NullMarked;
