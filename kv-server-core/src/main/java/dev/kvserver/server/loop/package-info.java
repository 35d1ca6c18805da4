/**
 * An owned thread with a bounded queue, its clock and its idle strategy.
 */
@NullMarked
package dev.kvserver.server.loop;

import org.jspecify.annotations.NullMarked;
