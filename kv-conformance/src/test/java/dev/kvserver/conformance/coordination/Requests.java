package dev.kvserver.conformance.coordination;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3electionpb.LeaderKey;
import dev.kvserver.proto.v3electionpb.LeaderRequest;
import dev.kvserver.proto.v3electionpb.ProclaimRequest;
import dev.kvserver.proto.v3electionpb.ResignRequest;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.UnlockRequest;
import org.jspecify.annotations.Nullable;

/** The calls of elections, locks and their leases. */
final class Requests {

	/** Longer than any run takes. */
	private static final long TTL_SECONDS = 5_000;

	private Requests() {
	}

	static Call grant(long lease) {
		return Call.of(LeaseGrpc.getLeaseGrantMethod(),
				LeaseGrantRequest.newBuilder().setID(lease).setTTL(TTL_SECONDS).build());
	}

	static Call revoke(long lease) {
		return Call.of(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(lease).build());
	}

	static Call lock(String name, long lease) {
		return Call.of(LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(bytes(name)).setLease(lease).build());
	}

	static Call unlock(String key) {
		return Call.of(LockGrpc.getUnlockMethod(), UnlockRequest.newBuilder().setKey(bytes(key)).build());
	}

	static Call campaign(String name, long lease, String value) {
		return Call.of(ElectionGrpc.getCampaignMethod(),
				CampaignRequest.newBuilder().setName(bytes(name)).setLease(lease).setValue(bytes(value)).build());
	}

	static Call proclaim(@Nullable LeaderKey leader, String value) {
		ProclaimRequest.Builder request = ProclaimRequest.newBuilder().setValue(bytes(value));
		if (leader != null) {
			request.setLeader(leader);
		}
		return Call.of(ElectionGrpc.getProclaimMethod(), request.build());
	}

	static Call resign(@Nullable LeaderKey leader) {
		ResignRequest.Builder request = ResignRequest.newBuilder();
		if (leader != null) {
			request.setLeader(leader);
		}
		return Call.of(ElectionGrpc.getResignMethod(), request.build());
	}

	static Call leader(String name) {
		return Call.of(ElectionGrpc.getLeaderMethod(), LeaderRequest.newBuilder().setName(bytes(name)).build());
	}

	static Call observe(String name) {
		return Call.of(ElectionGrpc.getObserveMethod(), LeaderRequest.newBuilder().setName(bytes(name)).build());
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
