package dev.kvserver.conformance.cases;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Texts;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmRequest.AlarmAction;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.DefragmentRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.StatusResponse;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A store that is full: the alarm it raises by itself, what goes on, and the way out.
 * When it is full depends on how data is stored, so that only what comes then is
 * compared.
 */
@Tag("real-etcd")
class QuotaCasesTests {

	private static final long QUOTA_BYTES = 4_000_000;

	private static final int PUTS_MAX = 100;

	private static final int ASKED_MAX = 10_000;

	private static final ByteString KEY = ByteString.copyFromUtf8("full/");

	private static final ByteString END = ByteString.copyFromUtf8("full0");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@Test
	void fullStoreRefusesWritesUntilThereIsRoomAndTheAlarmIsDisarmed() {
		List<String> left;
		try (EtcdProcess etcd = EtcdProcess.startFast(EtcdBinary.reference(), "--quota-backend-bytes=" + QUOTA_BYTES)) {
			left = play(etcd.port());
		}
		KvServerOptions options = KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.dataDirectory(this.directory)
			.quotaBytes(QUOTA_BYTES)
			.build();
		try (KvServer ours = KvServer.open(options)) {
			ours.listen();
			assertThat(play(ours.port())).isEqualTo(left);
		}
		assertThat(left).contains("Put RESOURCE_EXHAUSTED etcdserver: mvcc: database space exceeded",
				"own alarm NOSPACE", "memberID:OWN alarm:NOSPACE");
	}

	private static List<String> play(int port) {
		List<String> transcript = new ArrayList<>();
		try (Connection connection = new Connection(port)) {
			transcript.add(text("Put", fill(connection)));
			long own = status(connection).getLeader();
			awaitAlarm(connection);
			alarms(connection, own, transcript);
			ask(connection, transcript, Call.of(KVGrpc.getPutMethod(), put(0, 1)));
			ask(connection, transcript,
					Call.of(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setTTL(60).build()));
			ask(connection, transcript, Call.of(KVGrpc.getTxnMethod(),
					TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestPut(put(0, 1))).build()));
			ask(connection, transcript,
					Call.of(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(KEY).build()));
			empty(connection, transcript);
			alarms(connection, own, transcript);
			ask(connection, transcript, Call.of(KVGrpc.getPutMethod(), put(0, 1)));
			AlarmRequest disarm = AlarmRequest.newBuilder()
				.setAction(AlarmAction.DEACTIVATE)
				.setMemberID(own)
				.setAlarm(AlarmType.NOSPACE)
				.build();
			ask(connection, transcript, Call.of(MaintenanceGrpc.getAlarmMethod(), disarm));
			alarms(connection, own, transcript);
			ask(connection, transcript, Call.of(KVGrpc.getPutMethod(), put(0, 1)));
			transcript.add("quota " + status(connection).getDbSizeQuota());
		}
		return transcript;
	}

	/** Puts until it is refused. */
	private static Outcome fill(Connection connection) {
		for (int i = 0; i < PUTS_MAX; i++) {
			Outcome outcome = connection.run(Call.of(KVGrpc.getPutMethod(), put(i, 300_000)));
			if (!outcome.isOk()) {
				return outcome;
			}
		}
		throw new AssertionError("Never full");
	}

	private static void empty(Connection connection, List<String> transcript) {
		DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(KEY).setRangeEnd(END).build();
		DeleteRangeResponse deleted = (DeleteRangeResponse) ask(connection, transcript,
				Call.of(KVGrpc.getDeleteRangeMethod(), delete))
			.message();
		ask(connection, transcript,
				Call.of(KVGrpc.getCompactMethod(),
						CompactionRequest.newBuilder()
							.setRevision(deleted.getHeader().getRevision())
							.setPhysical(true)
							.build()));
		ask(connection, transcript,
				Call.of(MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance()));
	}

	/** Ours is raised a moment after the refusal: it is asked until it has. */
	private static void awaitAlarm(Connection connection) {
		int asked = 0;
		while (alarms(connection).getAlarmsCount() == 0) {
			assertThat(asked++).as("times that no alarm was there").isLessThan(ASKED_MAX);
		}
	}

	private static AlarmResponse alarms(Connection connection) {
		return (AlarmResponse) connection
			.run(Call.of(MaintenanceGrpc.getAlarmMethod(), AlarmRequest.getDefaultInstance()))
			.message();
	}

	private static void alarms(Connection connection, long own, List<String> transcript) {
		alarms(connection).getAlarmsList()
			.forEach((alarm) -> transcript
				.add((alarm.getMemberID() == own) ? "own alarm " + alarm.getAlarm() : alarm.toString()));
		status(connection).getErrorsList()
			.forEach((error) -> transcript.add(Texts.oneSpace(error).replace(Long.toUnsignedString(own), "OWN")));
	}

	private static StatusResponse status(Connection connection) {
		return (StatusResponse) connection
			.run(Call.of(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance()))
			.message();
	}

	private static Outcome ask(Connection connection, List<String> transcript, Call call) {
		Outcome outcome = connection.run(call);
		transcript.add(text(call.method().getBareMethodName(), outcome));
		return outcome;
	}

	private static String text(String what, Outcome outcome) {
		return what + " " + outcome.code() + " " + outcome.text();
	}

	private static PutRequest put(int number, int bytes) {
		return PutRequest.newBuilder()
			.setKey(KEY.concat(ByteString.copyFromUtf8(Integer.toString(number))))
			.setValue(ByteString.copyFrom(new byte[bytes]))
			.build();
	}

}
