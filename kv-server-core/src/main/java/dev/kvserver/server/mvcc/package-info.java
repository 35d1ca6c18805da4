/**
 * Revisions: the key index, read and write transactions, and history.
 */
@NullMarked
package dev.kvserver.server.mvcc;

import org.jspecify.annotations.NullMarked;
