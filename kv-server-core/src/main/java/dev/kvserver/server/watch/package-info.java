/**
 * Who watches what, who is behind, and what each watcher gets.
 */
@NullMarked
package dev.kvserver.server.watch;

import org.jspecify.annotations.NullMarked;
