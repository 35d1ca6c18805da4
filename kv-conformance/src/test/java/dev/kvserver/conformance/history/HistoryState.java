package dev.kvserver.conformance.history;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

	private final TreeSet<Long> leases = new TreeSet<>();

	private long revision = 1;

	private long compactRevision = -1;

	private final Set<Long> compactions = new HashSet<>();

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

	boolean wasCompactedAt(long someRevision) {
		return this.compactions.contains(someRevision);
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
			this.compactRevision = compaction.getRevision();
			this.compactions.add(compaction.getRevision());
		}
		if (request instanceof LeaseRevokeRequest revoke) {
			this.leases.remove(revoke.getID());
		}
	}

}
