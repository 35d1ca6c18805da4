package dev.kvserver.server.log;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;

/**
 * A request on its way into the log.
 *
 * @param request the request as it is logged
 * @param completion told the outcome
 */
public record Proposal(InternalRaftRequest request, Completion completion) {
}
