/**
 * Tests of the file format.
 */
@NullMarked
package dev.kvserver.server.bolt;

import org.jspecify.annotations.NullMarked;
