/**
 * bbolt's file format, read and written; what is in the file is the callers' business.
 */
@NullMarked
package dev.kvserver.server.bolt;

import org.jspecify.annotations.NullMarked;
