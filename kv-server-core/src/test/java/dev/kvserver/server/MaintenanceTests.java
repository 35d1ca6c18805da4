package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.AlarmMember;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.DefragmentRequest;
import dev.kvserver.proto.etcdserverpb.DefragmentResponse;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest;
import dev.kvserver.proto.etcdserverpb.HashRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MemberAddRequest;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.MemberPromoteRequest;
import dev.kvserver.proto.etcdserverpb.MemberRemoveRequest;
import dev.kvserver.proto.etcdserverpb.MemberUpdateRequest;
import dev.kvserver.proto.etcdserverpb.MoveLeaderRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.port.PortOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Sections 2.11 and 2.12: alarms, the quota, and what operators ask of a member. */
class MaintenanceTests {

	private static final String NO_SPACE = "RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded";

	private static final ByteString KEY = ByteString.copyFromUtf8("k");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private KvServer server;

	@SuppressWarnings("NullAway.Init")
	private ManagedChannel channel;

	@BeforeEach
	void start() {
		this.server = KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.dataDirectory(this.directory)
			.quotaBytes(1 << 20)
			.build());
		this.server.listen();
		this.channel = ManagedChannelBuilder.forAddress("127.0.0.1", this.server.port()).usePlaintext().build();
	}

	@AfterEach
	void stop() {
		this.channel.shutdownNow();
		this.server.close();
	}

	@Test
	void theQuotaRefusesWhatTakesSpaceAndRaisesTheAlarm() {
		PutRequest large = PutRequest.newBuilder().setKey(KEY).setValue(ByteString.copyFrom(new byte[1 << 20])).build();
		assertRefused(() -> kv().put(large), NO_SPACE);
		AlarmMember alarm = AlarmMember.newBuilder().setMemberID(memberId()).setAlarm(AlarmType.NOSPACE).build();
		assertThat(alarm(AlarmAction.ACTIVATE, alarm)).containsExactly(alarm);
		assertThat(maintenance().status(StatusRequest.getDefaultInstance()).getErrorsList())
			.containsExactly("memberID:" + Long.toUnsignedString(memberId()) + " alarm:NOSPACE");
		assertThat(maintenance().status(StatusRequest.getDefaultInstance()).getDbSizeQuota()).isEqualTo(1 << 20);
	}

	@Test
	void withNoSpaceOnlyWhatTakesSpaceIsRefused() {
		PutRequest put = PutRequest.newBuilder().setKey(KEY).build();
		kv().put(put);
		AlarmMember alarm = AlarmMember.newBuilder().setMemberID(memberId()).setAlarm(AlarmType.NOSPACE).build();
		assertThat(alarm(AlarmAction.ACTIVATE, alarm)).containsExactly(alarm);
		assertRefused(() -> kv().put(put), NO_SPACE);
		assertRefused(() -> kv().txn(txn(RequestOp.newBuilder().setRequestPut(put).build())), NO_SPACE);
		assertRefused(() -> lease().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()), NO_SPACE);
		assertThat(kv().range(RangeRequest.newBuilder().setKey(KEY).build()).getCount()).isOne();
		DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(KEY).build();
		assertThat(kv().txn(txn(RequestOp.newBuilder().setRequestDeleteRange(delete).build())).getSucceeded()).isTrue();
		assertThat(kv().deleteRange(delete).getDeleted()).isZero();
		kv().compact(CompactionRequest.newBuilder().setRevision(2).build());
		assertThat(alarm(AlarmAction.DEACTIVATE, alarm)).containsExactly(alarm);
		assertThat(kv().put(put).getHeader().getRevision()).isEqualTo(4);
	}

	@Test
	void withACorruptMemberNothingIsChanged() {
		AlarmMember alarm = AlarmMember.newBuilder().setMemberID(7).setAlarm(AlarmType.CORRUPT).build();
		assertThat(alarm(AlarmAction.ACTIVATE, alarm)).containsExactly(alarm);
		String corrupt = "DATA_LOSS: etcdserver: corrupt cluster";
		assertRefused(() -> kv().put(PutRequest.newBuilder().setKey(KEY).build()), corrupt);
		assertRefused(() -> kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(KEY).build()), corrupt);
		assertRefused(() -> kv().compact(CompactionRequest.newBuilder().setRevision(1).build()), corrupt);
		assertRefused(() -> lease().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()), corrupt);
		assertThat(kv().range(RangeRequest.newBuilder().setKey(KEY).build()).getCount()).isZero();
	}

	@Test
	void alarmsAreListedByTypeAndOutliveTheServer() {
		AlarmMember space = AlarmMember.newBuilder().setMemberID(1).setAlarm(AlarmType.NOSPACE).build();
		AlarmMember corrupt = AlarmMember.newBuilder().setMemberID(2).setAlarm(AlarmType.CORRUPT).build();
		alarm(AlarmAction.ACTIVATE, space);
		alarm(AlarmAction.ACTIVATE, corrupt);
		stop();
		start();
		assertThat(alarm(AlarmAction.GET, AlarmMember.getDefaultInstance())).containsExactlyInAnyOrder(space, corrupt);
		assertThat(alarm(AlarmAction.GET, AlarmMember.newBuilder().setAlarm(AlarmType.CORRUPT).build()))
			.containsExactly(corrupt);
		assertThat(alarm(AlarmAction.DEACTIVATE, space.toBuilder().setMemberID(0).build())).isEmpty();
		assertThat(alarm(AlarmAction.DEACTIVATE, space)).containsExactly(space);
		assertThat(alarm(AlarmAction.ACTIVATE, AlarmMember.newBuilder().setMemberID(1).build())).isEmpty();
		assertRefused(() -> maintenance().alarm(AlarmRequest.newBuilder().setActionValue(9).build()),
				"UNKNOWN: etcdserver: unknown method");
	}

	/** An alarm nobody knows must not reach the log: it could not be applied. */
	@Test
	void unknownAlarmIsRefused() {
		for (AlarmAction action : List.of(AlarmAction.GET, AlarmAction.ACTIVATE, AlarmAction.DEACTIVATE)) {
			assertRefused(
					() -> maintenance().alarm(AlarmRequest.newBuilder().setAction(action).setAlarmValue(9).build()),
					"UNKNOWN: etcdserver: unknown method");
		}
		kv().put(PutRequest.newBuilder().setKey(KEY).build());
	}

	@Test
	void defragmentAndHashAnswer() {
		for (int i = 0; i < 100; i++) {
			kv().put(PutRequest.newBuilder().setKey(KEY).setValue(ByteString.copyFrom(new byte[100])).build());
		}
		int before = maintenance().hash(HashRequest.getDefaultInstance()).getHash();
		assertThat(maintenance().defragment(DefragmentRequest.getDefaultInstance()))
			.isEqualTo(DefragmentResponse.getDefaultInstance());
		assertThat(maintenance().hash(HashRequest.getDefaultInstance()).getHash()).isEqualTo(before);
		kv().put(PutRequest.newBuilder().setKey(KEY).build());
		assertThat(maintenance().hash(HashRequest.getDefaultInstance()).getHash()).isNotEqualTo(before);
	}

	@Test
	void theOnlyMemberLeadsAndStaysTheOnlyOne() {
		long self = memberId();
		maintenance().moveLeader(MoveLeaderRequest.newBuilder().setTargetID(self).build());
		assertRefused(() -> maintenance().moveLeader(MoveLeaderRequest.newBuilder().setTargetID(1).build()),
				"FAILED_PRECONDITION: etcdserver: bad leader transferee");
		assertRefused(() -> cluster().memberRemove(MemberRemoveRequest.newBuilder().setID(self).build()),
				"UNKNOWN: etcdserver: re-configuration failed due to not enough started members");
		assertRefused(() -> cluster().memberRemove(MemberRemoveRequest.newBuilder().setID(1).build()),
				"NOT_FOUND: etcdserver: member not found");
		assertRefused(() -> cluster().memberPromote(MemberPromoteRequest.newBuilder().setID(self).build()),
				"FAILED_PRECONDITION: etcdserver: can only promote a learner member");
		assertRefused(() -> cluster().memberPromote(MemberPromoteRequest.newBuilder().setID(1).build()),
				"NOT_FOUND: etcdserver: member not found");
		assertRefused(() -> cluster().memberAdd(MemberAddRequest.newBuilder().addPeerURLs("nonsense").build()),
				"INVALID_ARGUMENT: etcdserver: given member URLs are invalid");
		assertRefused(
				() -> cluster().memberAdd(MemberAddRequest.newBuilder().addPeerURLs("http://localhost:2380").build()),
				"FAILED_PRECONDITION: etcdserver: Peer URLs already exists");
		assertRefused(() -> cluster().memberAdd(MemberAddRequest.newBuilder().addPeerURLs("http://a:2380").build()),
				"UNIMPLEMENTED: this server is a cluster of one member, and cannot be joined yet");
	}

	@Test
	void newPeerUrlsOutliveTheServer() {
		MemberUpdateRequest update = MemberUpdateRequest.newBuilder()
			.setID(memberId())
			.addPeerURLs("http://a:2380")
			.build();
		assertThat(cluster().memberUpdate(update).getMembers(0).getPeerURLsList()).containsExactly("http://a:2380");
		assertRefused(() -> cluster().memberUpdate(update.toBuilder().setID(1).build()),
				"NOT_FOUND: etcdserver: member not found");
		assertRefused(() -> cluster().memberUpdate(update.toBuilder().addPeerURLs("a").build()),
				"INVALID_ARGUMENT: etcdserver: given member URLs are invalid");
		stop();
		start();
		assertThat(cluster().memberList(MemberListRequest.getDefaultInstance()).getMembers(0).getPeerURLsList())
			.containsExactly("http://a:2380");
	}

	@Test
	void aDowngradeByOneMinorVersionIsPlannedAndCancelled() {
		DowngradeRequest enable = DowngradeRequest.newBuilder()
			.setAction(DowngradeRequest.DowngradeAction.ENABLE)
			.setVersion("3.6")
			.build();
		assertRefused(() -> maintenance().downgrade(enable.toBuilder().setVersion("x").build()),
				"INVALID_ARGUMENT: etcdserver: wrong downgrade target version format");
		assertRefused(() -> maintenance().downgrade(enable.toBuilder().setVersion("3.5.0").build()),
				"INVALID_ARGUMENT: etcdserver: invalid downgrade target version");
		assertThat(maintenance().downgrade(enable).getVersion()).isEqualTo("3.7");
		assertThat(maintenance().status(StatusRequest.getDefaultInstance()).getDowngradeInfo().getTargetVersion())
			.isEqualTo("3.6.0");
		assertRefused(() -> maintenance().downgrade(enable),
				"FAILED_PRECONDITION: etcdserver: cluster has a downgrade job in progress");
		maintenance()
			.downgrade(DowngradeRequest.newBuilder().setAction(DowngradeRequest.DowngradeAction.CANCEL).build());
		assertThat(maintenance().status(StatusRequest.getDefaultInstance()).getDowngradeInfo().getEnabled()).isFalse();
		assertRefused(() -> maintenance().downgrade(enable.toBuilder().setActionValue(9).build()),
				"UNKNOWN: etcdserver: unknown method");
	}

	private static void assertRefused(ThrowingCallable call, String message) {
		assertThatThrownBy(call).hasMessage(message);
	}

	private List<AlarmMember> alarm(AlarmAction action, AlarmMember alarm) {
		return maintenance()
			.alarm(AlarmRequest.newBuilder()
				.setAction(action)
				.setMemberID(alarm.getMemberID())
				.setAlarm(alarm.getAlarm())
				.build())
			.getAlarmsList();
	}

	private static TxnRequest txn(RequestOp op) {
		return TxnRequest.newBuilder().addSuccess(op).build();
	}

	private long memberId() {
		return maintenance().status(StatusRequest.getDefaultInstance()).getLeader();
	}

	private KVGrpc.KVBlockingStub kv() {
		return KVGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

	private LeaseGrpc.LeaseBlockingStub lease() {
		return LeaseGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

	private ClusterGrpc.ClusterBlockingStub cluster() {
		return ClusterGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

	private MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
		return MaintenanceGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

}
