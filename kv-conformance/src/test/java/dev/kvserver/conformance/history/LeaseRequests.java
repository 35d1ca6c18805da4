package dev.kvserver.conformance.history;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;

/**
 * Requests for leases that do not expire while a history runs. Their times to live are
 * far apart, so that the order by remaining time does not depend on the machine.
 */
final class LeaseRequests {

	private static final long TTL_MAX_SECONDS = 9_000_000_000L;

	private static final long TTL_STEP_SECONDS = 10_000;

	private static final int IDS = 12;

	private final Dice dice;

	private final HistoryState state;

	private long grants;

	LeaseRequests(Dice dice, HistoryState state) {
		this.dice = dice;
		this.state = state;
	}

	Call any() {
		int kind = this.dice.below(100);
		if (kind < 40) {
			return Call.of(LeaseGrpc.getLeaseGrantMethod(), grant());
		}
		if (kind < 60) {
			return Call.of(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(id()).build());
		}
		if (kind < 75) {
			return Call.of(LeaseGrpc.getLeaseTimeToLiveMethod(),
					LeaseTimeToLiveRequest.newBuilder().setID(id()).setKeys(this.dice.chance(60)).build());
		}
		return (kind < 85) ? Call.of(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance())
				: keepAlive();
	}

	private LeaseGrantRequest grant() {
		LeaseGrantRequest.Builder grant = LeaseGrantRequest.newBuilder().setID(newId());
		if (this.dice.below(25) == 0) {
			return grant.setTTL(TTL_MAX_SECONDS + this.dice.between(1, 9)).build();
		}
		return grant.setTTL(TTL_STEP_SECONDS * (1L + this.grants++ * 7919L % 1009L)).build();
	}

	private Call keepAlive() {
		List<Message> requests = new ArrayList<>();
		int count = 1 + this.dice.below(3);
		for (int i = 0; i < count; i++) {
			requests.add(LeaseKeepAliveRequest.newBuilder().setID(id()).build());
		}
		return new Call(LeaseGrpc.getLeaseKeepAliveMethod(), requests);
	}

	/** Any id a client can choose: small, negative, at both ends of the type. */
	private long newId() {
		int kind = this.dice.below(40);
		if (kind < 3) {
			return List.of(-7L, Long.MAX_VALUE, Long.MIN_VALUE).get(kind);
		}
		return 1L + this.dice.below(IDS);
	}

	private long id() {
		List<Long> leases = this.state.leases();
		return (leases.isEmpty() || this.dice.chance(15)) ? this.dice.between(0, 3) * 901L : this.dice.pick(leases);
	}

}
