package dev.kvserver.server.rpc;

import java.util.function.LongSupplier;

import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import org.jspecify.annotations.Nullable;

/**
 * Makes the headers of answers that do not come out of the log: cluster, member, term
 * and, unless the answer is pinned to one, the current revision.
 */
public final class ResponseHeaders {

	private final long clusterId;

	private final long memberId;

	private final LongSupplier revision;

	private final LongSupplier raftTerm;

	/** Reads come in bursts between writes; they share a header. */
	private volatile @Nullable ResponseHeader latest;

	/**
	 * Makes it.
	 * @param clusterId the cluster id
	 * @param memberId the id of this member
	 * @param revision answers the store's current revision; any thread, never blocks
	 * @param raftTerm answers the current term; any thread, never blocks
	 */
	public ResponseHeaders(long clusterId, long memberId, LongSupplier revision, LongSupplier raftTerm) {
		this.clusterId = clusterId;
		this.memberId = memberId;
		this.revision = revision;
		this.raftTerm = raftTerm;
	}

	/**
	 * A header with the current revision. Any thread.
	 * @return the header
	 */
	public ResponseHeader current() {
		long currentRevision = this.revision.getAsLong();
		long currentTerm = this.raftTerm.getAsLong();
		ResponseHeader header = this.latest;
		if (header == null || header.getRevision() != currentRevision || header.getRaftTerm() != currentTerm) {
			header = complete(ResponseHeader.newBuilder().setRevision(currentRevision)).setRaftTerm(currentTerm)
				.build();
			this.latest = header;
		}
		return header;
	}

	/**
	 * Fills cluster, member and term in and leaves the revision as it is.
	 * @param header the header to complete
	 * @return the same builder
	 */
	ResponseHeader.Builder complete(ResponseHeader.Builder header) {
		return header.setClusterId(this.clusterId).setMemberId(this.memberId).setRaftTerm(this.raftTerm.getAsLong());
	}

}
