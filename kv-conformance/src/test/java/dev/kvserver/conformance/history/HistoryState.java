package dev.kvserver.conformance.history;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;

/**
 * What is known of the servers' state: taken from the reference's answers, so that the
 * next requests can aim at the interesting revisions and leases.
 */
public final class HistoryState {

	/** How many hashes etcd keeps. */
	private static final int HASHES_KEPT = 10;

	private final TreeSet<Long> leases = new TreeSet<>();

	private long revision = 1;

	private long compactRevision = -1;

	private final List<Compaction> compactions = new ArrayList<>();

	/**
	 * The current revision.
	 * @return 1 for an empty store
	 */
	public long revision() {
		return this.revision;
	}

	/**
	 * The revision of the last compaction.
	 * @return -1 when there was none
	 */
	public long compactRevision() {
		return this.compactRevision;
	}

	/** All revisions that were compacted at, or the current one if there are none. */
	List<Long> compactions() {
		return this.compactions.isEmpty() ? List.of(this.revision)
				: this.compactions.stream().map(Compaction::revision).toList();
	}

	/**
	 * Whether the hash at a revision does not depend on time. etcd answers the newest
	 * revisions that were compacted at from memory, once that compaction is complete, and
	 * remembers it only if the one before was complete when it began.
	 * @param someRevision the revision
	 * @return {@code false} if that compaction or the one before was not waited for
	 */
	public boolean isHashCertain(long someRevision) {
		int later = 0;
		int laterKept = 0;
		for (int i = this.compactions.size() - 1; i >= 0; i--) {
			Compaction compaction = this.compactions.get(i);
			if (compaction.revision == someRevision) {
				return (compaction.kept && later < HASHES_KEPT) || laterKept >= HASHES_KEPT;
			}
			later++;
			laterKept += compaction.kept ? 1 : 0;
		}
		return true;
	}

	List<Long> leases() {
		return List.copyOf(this.leases);
	}

	/**
	 * Learns from an answer.
	 * @param call what was asked
	 * @param outcome what the reference answered
	 */
	public void observe(Call call, Outcome outcome) {
		for (Message message : outcome.messages()) {
			FieldDescriptor header = message.getDescriptorForType().findFieldByName("header");
			if (header != null && message.getField(header) instanceof ResponseHeader value) {
				this.revision = Math.max(this.revision, value.getRevision());
			}
			if (message instanceof LeaseGrantResponse granted) {
				this.leases.add(granted.getID());
			}
		}
		if (outcome.isOk()) {
			observeSuccess(call.request());
		}
	}

	private void observeSuccess(Message request) {
		if (request instanceof CompactionRequest compaction) {
			boolean afterComplete = this.compactions.isEmpty()
					|| this.compactions.get(this.compactions.size() - 1).complete;
			this.compactRevision = compaction.getRevision();
			this.compactions.add(new Compaction(compaction.getRevision(), compaction.getPhysical(),
					compaction.getPhysical() && afterComplete));
		}
		if (request instanceof LeaseRevokeRequest revoke) {
			this.leases.remove(revoke.getID());
		}
	}

	/**
	 * A compaction.
	 *
	 * @param revision where
	 * @param complete whether its end was waited for
	 * @param kept whether its hash is kept for sure
	 */
	private record Compaction(long revision, boolean complete, boolean kept) {
	}

}
