package dev.kvserver.conformance.cases;

import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest.DowngradeAction;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.Member;
import dev.kvserver.proto.etcdserverpb.MemberAddRequest;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.MemberListResponse;
import dev.kvserver.proto.etcdserverpb.MemberPromoteRequest;
import dev.kvserver.proto.etcdserverpb.MemberRemoveRequest;
import dev.kvserver.proto.etcdserverpb.MoveLeaderRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;

/**
 * Makes each error of the {@link ErrorTable} happen. What a probe changes it changes
 * back.
 */
final class ErrorProbes {

	private static final ByteString KEY = ByteString.copyFromUtf8("table");

	private static final ByteString ABSENT = ByteString.copyFromUtf8("table/absent");

	private static final long LEASE = 7;

	private static final long UNKNOWN = 4711;

	private ErrorProbes() {
	}

	static Outcome emptyKey(Recorder server) {
		return server.ask(KVGrpc.getRangeMethod(), RangeRequest.getDefaultInstance());
	}

	static Outcome keyNotFound(Recorder server) {
		return server.ask(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(ABSENT).setIgnoreValue(true).build());
	}

	static Outcome valueProvided(Recorder server) {
		return server.ask(KVGrpc.getPutMethod(),
				PutRequest.newBuilder().setKey(KEY).setValue(KEY).setIgnoreValue(true).build());
	}

	static Outcome leaseProvided(Recorder server) {
		return server.ask(KVGrpc.getPutMethod(),
				PutRequest.newBuilder().setKey(KEY).setLease(LEASE).setIgnoreLease(true).build());
	}

	static Outcome tooManyOps(Recorder server) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		for (int i = 0; i < 129; i++) {
			txn.addCompare(Compare.newBuilder().setKey(KEY));
		}
		return server.ask(KVGrpc.getTxnMethod(), txn.build());
	}

	static Outcome duplicateKey(Recorder server) {
		RequestOp put = RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(KEY)).build();
		return server.ask(KVGrpc.getTxnMethod(), TxnRequest.newBuilder().addSuccess(put).addSuccess(put).build());
	}

	static Outcome invalidClientApiVersion(Recorder server) {
		Call call = Call.of(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(KEY).build());
		return server.ask(call, "client-api-version", new byte[] { '3', (byte) 0xff });
	}

	static Outcome invalidSortOption(Recorder server) {
		return server.ask(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(KEY).setSortOrderValue(3).build());
	}

	static Outcome compacted(Recorder server) {
		server.put("table", "1");
		server.compact(server.put("table", "2"));
		return server.ask(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(KEY).setRevision(1).build());
	}

	static Outcome futureRev(Recorder server) {
		return server.ask(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(KEY).setRevision(1 << 20).build());
	}

	static Outcome noSpace(Recorder server) {
		return whileRaised(server, AlarmType.NOSPACE);
	}

	static Outcome corrupt(Recorder server) {
		return whileRaised(server, AlarmType.CORRUPT);
	}

	private static Outcome whileRaised(Recorder server, AlarmType type) {
		AlarmRequest alarm = AlarmRequest.newBuilder().setMemberID(1).setAlarm(type).build();
		server.ask(MaintenanceGrpc.getAlarmMethod(), alarm.toBuilder().setAction(AlarmAction.ACTIVATE).build());
		Outcome outcome = server.ask(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(KEY).build());
		server.ask(MaintenanceGrpc.getAlarmMethod(), alarm.toBuilder().setAction(AlarmAction.DEACTIVATE).build());
		return outcome;
	}

	static Outcome leaseNotFound(Recorder server) {
		return server.ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(UNKNOWN).build());
	}

	static Outcome leaseExists(Recorder server) {
		LeaseGrantRequest grant = LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(5_000).build();
		server.ask(LeaseGrpc.getLeaseGrantMethod(), grant);
		Outcome outcome = server.ask(LeaseGrpc.getLeaseGrantMethod(), grant);
		server.ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(LEASE).build());
		return outcome;
	}

	static Outcome leaseTtlTooLarge(Recorder server) {
		return server.ask(LeaseGrpc.getLeaseGrantMethod(),
				LeaseGrantRequest.newBuilder().setID(LEASE).setTTL(9_000_000_001L).build());
	}

	static Outcome requestTooLarge(Recorder server) {
		return server.ask(KVGrpc.getPutMethod(),
				PutRequest.newBuilder().setKey(KEY).setValue(ByteString.copyFrom(new byte[3 << 19])).build());
	}

	static Outcome peerUrlExists(Recorder server) {
		return add(server, self(server).getPeerURLs(0));
	}

	static Outcome memberBadUrls(Recorder server) {
		return add(server, "nonsense");
	}

	static Outcome notEnoughStarted(Recorder server) {
		return server.ask(ClusterGrpc.getMemberRemoveMethod(),
				MemberRemoveRequest.newBuilder().setID(self(server).getID()).build());
	}

	static Outcome memberNotFound(Recorder server) {
		return server.ask(ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(UNKNOWN).build());
	}

	static Outcome memberNotLearner(Recorder server) {
		return server.ask(ClusterGrpc.getMemberPromoteMethod(),
				MemberPromoteRequest.newBuilder().setID(self(server).getID()).build());
	}

	static Outcome badLeaderTransferee(Recorder server) {
		return server.ask(MaintenanceGrpc.getMoveLeaderMethod(),
				MoveLeaderRequest.newBuilder().setTargetID(UNKNOWN).build());
	}

	static Outcome wrongDowngradeVersionFormat(Recorder server) {
		return downgrade(server, DowngradeAction.VALIDATE, "nonsense");
	}

	static Outcome invalidDowngradeTargetVersion(Recorder server) {
		return downgrade(server, DowngradeAction.VALIDATE, "3.4.0");
	}

	static Outcome downgradeInProcess(Recorder server) {
		downgrade(server, DowngradeAction.ENABLE, "3.6.0");
		Outcome outcome = downgrade(server, DowngradeAction.ENABLE, "3.6.0");
		downgrade(server, DowngradeAction.CANCEL, "");
		return outcome;
	}

	private static Outcome downgrade(Recorder server, DowngradeAction action, String version) {
		return server.ask(MaintenanceGrpc.getDowngradeMethod(),
				DowngradeRequest.newBuilder().setAction(action).setVersion(version).build());
	}

	private static Outcome add(Recorder server, String url) {
		return server.ask(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.newBuilder().addPeerURLs(url).build());
	}

	private static Member self(Recorder server) {
		Message answer = server.ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance())
			.message();
		List<Member> members = ((MemberListResponse) answer).getMembersList();
		return members.get(0);
	}

}
