/**
 * What tests use in place of threads and time.
 */
@NullMarked
package dev.kvserver.server.loop;

import org.jspecify.annotations.NullMarked;
