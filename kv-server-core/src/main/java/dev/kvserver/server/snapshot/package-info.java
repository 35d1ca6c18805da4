/**
 * etcd's database as a file: made from the store, and brought into an empty one.
 */
@NullMarked
package dev.kvserver.server.snapshot;

import org.jspecify.annotations.NullMarked;
