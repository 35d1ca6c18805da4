package dev.kvserver.server.log;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import org.jspecify.annotations.Nullable;

/**
 * A committed entry: durable, at its final place in the order.
 *
 * @param index position in the log, from 1, without gaps
 * @param term the term it was proposed in
 * @param request the request
 * @param completion told the outcome, or {@code null} when the entry is replayed
 */
public record LogEntry(long index, long term, InternalRaftRequest request, @Nullable Completion completion) {
}
