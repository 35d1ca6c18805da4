package dev.kvserver.server.log;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;

/**
 * The way into the log: local on one node, over Raft in a cluster, simulated in tests.
 */
public interface Proposer {

	/**
	 * Puts a request into the log's queue. Any thread; never blocks. A refusal is
	 * reported through {@code completion} before this method returns:
	 * {@code TOO_MANY_REQUESTS} when applying is too far behind,
	 * {@code REQUEST_TOO_LARGE} when the encoded request exceeds the limit,
	 * {@code STOPPED} when the server is stopping or its log has failed.
	 * @param request the request, valid by the service's own checks
	 * @param completion told the outcome
	 */
	void propose(InternalRaftRequest request, Completion completion);

}
