package dev.kvserver.server.log;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseExpireRequest;
import dev.kvserver.server.lease.LeaseRevoker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Revokes expired leases through the log, many in one entry.
 */
public final class ProposingLeaseRevoker implements LeaseRevoker {

	private static final Logger logger = LoggerFactory.getLogger(ProposingLeaseRevoker.class);

	private final Proposer proposer;

	/**
	 * Makes a revoker.
	 * @param proposer the way into the log
	 */
	public ProposingLeaseRevoker(Proposer proposer) {
		this.proposer = proposer;
	}

	@Override
	public boolean revoke(long[] ids) {
		LeaseExpireRequest.Builder request = LeaseExpireRequest.newBuilder();
		for (long id : ids) {
			request.addIDs(id);
		}
		Outcome outcome = new Outcome();
		this.proposer.propose(InternalRaftRequest.newBuilder().setLeaseExpire(request).build(), outcome);
		return !outcome.failed;
	}

	/** Only a refusal at once matters; later the leases themselves show the outcome. */
	private static final class Outcome implements Completion {

		private volatile boolean failed;

		@Override
		public void done(Message response) {
		}

		@Override
		public void failed(Throwable failure) {
			this.failed = true;
			logger.debug("Expired leases were not revoked and will be tried again", failure);
		}

	}

}
