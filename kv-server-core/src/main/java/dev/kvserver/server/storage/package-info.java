/**
 * Ordered durable bytes: batches, snapshots and buckets, on RocksDB or in memory.
 */
@NullMarked
package dev.kvserver.server.storage;

import org.jspecify.annotations.NullMarked;
