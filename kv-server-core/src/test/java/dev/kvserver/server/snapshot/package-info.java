/**
 * Tests of database files.
 */
@NullMarked
package dev.kvserver.server.snapshot;

import org.jspecify.annotations.NullMarked;
