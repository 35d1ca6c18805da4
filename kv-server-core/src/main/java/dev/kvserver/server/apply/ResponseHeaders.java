package dev.kvserver.server.apply;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.TxnResponse;

import static java.util.Objects.requireNonNull;

/** Completes the header of an answer: cluster, member and term join the revision. */
final class ResponseHeaders {

	private final long clusterId;

	private final long memberId;

	ResponseHeaders(long clusterId, long memberId) {
		this.clusterId = clusterId;
		this.memberId = memberId;
	}

	Message complete(Message.Builder response, long term) {
		if (response instanceof PutResponse.Builder put) {
			complete(put.getHeaderBuilder(), term);
		}
		else if (response instanceof TxnResponse.Builder txn) {
			complete(txn.getHeaderBuilder(), term);
		}
		else if (response instanceof DeleteRangeResponse.Builder delete) {
			complete(delete.getHeaderBuilder(), term);
		}
		else if (response instanceof LeaseGrantResponse.Builder grant) {
			complete(grant.getHeaderBuilder(), term);
		}
		else if (response instanceof LeaseRevokeResponse.Builder revoke) {
			complete(revoke.getHeaderBuilder(), term);
		}
		else if (response instanceof CompactionResponse.Builder compaction) {
			complete(compaction.getHeaderBuilder(), term);
		}
		else if (response instanceof AlarmResponse.Builder alarm) {
			complete(alarm.getHeaderBuilder(), term);
		}
		else {
			Descriptors.FieldDescriptor field = response.getDescriptorForType().findFieldByName("header");
			if (field != null && response.hasField(field)) {
				complete((ResponseHeader.Builder) response.getFieldBuilder(field), term);
			}
		}
		return response.build();
	}

	/** Puts the revision in, whatever the answer; for what is not asked for often. */
	static Message.Builder withRevision(Message.Builder response, long revision) {
		Descriptors.FieldDescriptor field = requireNonNull(response.getDescriptorForType().findFieldByName("header"));
		return response.setField(field, ResponseHeader.newBuilder().setRevision(revision).build());
	}

	private void complete(ResponseHeader.Builder header, long term) {
		header.setClusterId(this.clusterId).setMemberId(this.memberId).setRaftTerm(term);
	}

}
