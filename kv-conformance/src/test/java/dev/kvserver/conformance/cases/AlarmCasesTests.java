package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DefragmentRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.UnlockRequest;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Alarms: how they are raised, listed and disarmed, and what goes on meanwhile
 * (etcd-contract section 2.12). Actions and alarms that do not exist are not played: an
 * etcd ends at them.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AlarmCasesTests {

	/** Not the id of any of the two servers: whoever raises an alarm says for whom. */
	private static final long MEMBER = 42;

	private static final ByteString KEY = ByteString.copyFromUtf8("alarms");

	private final BothServers servers = new BothServers();

	@AfterAll
	void close() {
		this.servers.close();
	}

	@Test
	void alarmsAreRaisedListedAndDisarmed() {
		play((server) -> {
			list(server);
			alarm(server, AlarmAction.ACTIVATE, MEMBER, AlarmType.NOSPACE);
			alarm(server, AlarmAction.ACTIVATE, MEMBER, AlarmType.NOSPACE);
			alarm(server, AlarmAction.ACTIVATE, MEMBER + 1, AlarmType.NOSPACE);
			alarm(server, AlarmAction.ACTIVATE, -1, AlarmType.CORRUPT);
			alarm(server, AlarmAction.ACTIVATE, 0, AlarmType.CORRUPT);
			alarm(server, AlarmAction.ACTIVATE, MEMBER, AlarmType.NONE);
			assertThat(list(server).getAlarmsCount()).isEqualTo(4);
			server.ask(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
			alarm(server, AlarmAction.DEACTIVATE, MEMBER, AlarmType.NONE);
			alarm(server, AlarmAction.DEACTIVATE, 0, AlarmType.NOSPACE);
			alarm(server, AlarmAction.DEACTIVATE, MEMBER, AlarmType.CORRUPT);
			list(server);
			alarm(server, AlarmAction.DEACTIVATE, MEMBER, AlarmType.NOSPACE);
			alarm(server, AlarmAction.DEACTIVATE, MEMBER, AlarmType.NOSPACE);
			alarm(server, AlarmAction.DEACTIVATE, MEMBER + 1, AlarmType.NOSPACE);
			alarm(server, AlarmAction.DEACTIVATE, -1, AlarmType.CORRUPT);
			list(server);
			alarm(server, AlarmAction.DEACTIVATE, 0, AlarmType.CORRUPT);
			assertThat(list(server).getAlarmsCount()).isZero();
		});
	}

	@Test
	void withNoSpaceWhatTakesSpaceIsRefusedAndTheRestGoesOn() {
		List<Recorder.Answer> answers = whileRaised("space", AlarmType.NOSPACE);
		assertThat(answers).filteredOn((answer) -> answer.outcome().code() == Code.RESOURCE_EXHAUSTED)
			.hasSizeGreaterThanOrEqualTo(6);
	}

	@Test
	void withACorruptMemberNothingIsChanged() {
		List<Recorder.Answer> answers = whileRaised("corrupt", AlarmType.CORRUPT);
		assertThat(answers).filteredOn((answer) -> answer.outcome().code() == Code.DATA_LOSS)
			.hasSizeGreaterThanOrEqualTo(8);
	}

	@Test
	void corruptionComesBeforeNoSpaceHoweverTheyAreRaised() {
		whileRaised("both", AlarmType.NOSPACE, AlarmType.CORRUPT);
		whileRaised("other", AlarmType.CORRUPT, AlarmType.NOSPACE);
	}

	@Test
	void alarmOfOneMemberRemainsWhenThatOfAnotherIsDisarmed() {
		play((server) -> {
			alarm(server, AlarmAction.ACTIVATE, 1, AlarmType.NOSPACE);
			alarm(server, AlarmAction.ACTIVATE, 2, AlarmType.NOSPACE);
			alarm(server, AlarmAction.DEACTIVATE, 1, AlarmType.NOSPACE);
			server.ask(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(KEY).build());
			alarm(server, AlarmAction.DEACTIVATE, 2, AlarmType.NOSPACE);
			server.put("alarms", "again");
		});
	}

	/** Everything there is, with alarms raised; then they are disarmed. */
	private List<Recorder.Answer> whileRaised(String name, AlarmType... alarms) {
		return play((server) -> {
			ByteString key = KEY.concat(ByteString.copyFromUtf8("/" + name));
			grant(server, name.hashCode());
			long before = server.put(key.toStringUtf8(), "1");
			server.put(key.toStringUtf8(), "2");
			for (AlarmType alarm : alarms) {
				alarm(server, AlarmAction.ACTIVATE, MEMBER, alarm);
			}
			server.ask(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance());
			writes(server, key, name.hashCode());
			transactions(server, key);
			reads(server, key);
			coordination(server, key, name.hashCode());
			server.ask(KVGrpc.getCompactMethod(), CompactionRequest.newBuilder().setRevision(before).build());
			server.ask(MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance());
			server.ask(LeaseGrpc.getLeaseRevokeMethod(),
					LeaseRevokeRequest.newBuilder().setID(name.hashCode()).build());
			for (AlarmType alarm : alarms) {
				alarm(server, AlarmAction.DEACTIVATE, MEMBER, alarm);
			}
			server.put(key.toStringUtf8(), "3");
			server.ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
		});
	}

	private static void writes(Recorder server, ByteString key, long lease) {
		server.ask(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(key).build());
		server.ask(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(key).setLease(404).build());
		server.ask(KVGrpc.getPutMethod(), PutRequest.getDefaultInstance());
		server.ask(KVGrpc.getDeleteRangeMethod(), DeleteRangeRequest.newBuilder().setKey(key).setPrevKv(true).build());
		server.ask(KVGrpc.getDeleteRangeMethod(), DeleteRangeRequest.newBuilder().setKey(key).build());
		grant(server, lease);
		grant(server, lease + 1);
		server.ask(LeaseGrpc.getLeaseKeepAliveMethod(), LeaseKeepAliveRequest.newBuilder().setID(lease).build());
		server.ask(LeaseGrpc.getLeaseTimeToLiveMethod(),
				LeaseTimeToLiveRequest.newBuilder().setID(lease).setKeys(true).build());
		server.ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(404).build());
	}

	private static void transactions(Recorder server, ByteString key) {
		RequestOp put = RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(key)).build();
		RequestOp get = RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)).build();
		RequestOp delete = RequestOp.newBuilder()
			.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
			.build();
		Compare never = Compare.newBuilder()
			.setKey(key)
			.setTarget(Compare.CompareTarget.VERSION)
			.setVersion(1_000)
			.build();
		txn(server, TxnRequest.newBuilder().addSuccess(put));
		txn(server, TxnRequest.newBuilder().addCompare(never).addSuccess(put).addFailure(get));
		txn(server, TxnRequest.newBuilder().addCompare(never).addSuccess(get).addFailure(put));
		txn(server, TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder().setRequestTxn(TxnRequest.newBuilder().addSuccess(put))));
		txn(server, TxnRequest.newBuilder().addSuccess(get));
		txn(server, TxnRequest.newBuilder().addSuccess(delete).addSuccess(get));
		txn(server, TxnRequest.newBuilder());
	}

	private static void txn(Recorder server, TxnRequest.Builder request) {
		server.ask(KVGrpc.getTxnMethod(), request.build());
	}

	private static void reads(Recorder server, ByteString key) {
		RangeRequest range = RangeRequest.newBuilder().setKey(key).build();
		server.ask(KVGrpc.getRangeMethod(), range);
		server.ask(KVGrpc.getRangeMethod(), range.toBuilder().setSerializable(true).build());
		server.ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
	}

	private static void coordination(Recorder server, ByteString key, long lease) {
		server.ask(LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(key).setLease(lease).build());
		server.ask(ElectionGrpc.getCampaignMethod(), CampaignRequest.newBuilder().setName(key).setLease(lease).build());
		server.ask(LockGrpc.getLockMethod(), LockRequest.newBuilder().setName(key).build());
		server.ask(LockGrpc.getUnlockMethod(), UnlockRequest.newBuilder().setKey(key).build());
	}

	private static void grant(Recorder server, long lease) {
		server.ask(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setID(lease).setTTL(5_000).build());
	}

	private static AlarmResponse list(Recorder server) {
		alarm(server, AlarmAction.GET, MEMBER, AlarmType.NOSPACE);
		alarm(server, AlarmAction.GET, 0, AlarmType.CORRUPT);
		AlarmResponse all = (AlarmResponse) server
			.ask(MaintenanceGrpc.getAlarmMethod(), AlarmRequest.getDefaultInstance())
			.message();
		server.keep("number of alarms", List.of(Int64Value.of(all.getAlarmsCount())));
		return all;
	}

	private static void alarm(Recorder server, AlarmAction action, long member, AlarmType alarm) {
		server.ask(MaintenanceGrpc.getAlarmMethod(),
				AlarmRequest.newBuilder().setAction(action).setMemberID(member).setAlarm(alarm).build());
	}

	private List<Recorder.Answer> play(Consumer<Recorder> scenario) {
		List<Recorder.Answer> answers = this.servers.play(scenario);
		assertThat(answers).isNotEmpty();
		return answers;
	}

}
