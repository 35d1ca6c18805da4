package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.proto.etcdserverpb.DefragmentRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest.DowngradeAction;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashRequest;
import dev.kvserver.proto.etcdserverpb.HashResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MoveLeaderRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.StatusResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The calls of operators (etcd-contract section 2.12); alarms have a class of their own.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MaintenanceCasesTests {

	private final BothServers servers = new BothServers();

	@AfterAll
	void close() {
		this.servers.close();
	}

	@Test
	void leadershipCanOnlyStayWhereItIs() {
		play((server) -> {
			long self = status(server).getLeader();
			assertThat(self).isNotZero();
			for (long target : new long[] { self, self, 0, 4711, -1 }) {
				server.ask(MaintenanceGrpc.getMoveLeaderMethod(),
						MoveLeaderRequest.newBuilder().setTargetID(target).build());
			}
			status(server);
		});
	}

	@Test
	void downgradeIsValidated() {
		assumeTrue(EtcdBinary.reference().isAtLeast(3, 7));
		play((server) -> {
			for (String version : List.of("3.6", "3.6.0", "3.6.5", "3.5", "3.5.0", "3.7", "3.7.0", "3.8", "2.6", "4.6",
					"", "x", "3", "3.", "3.6.", "v3.6", "v3.6.0", "3.6.0-rc.1", "3.6.0+build", "3.6.0-a.b+c-d",
					"3.6.0-", "3.6.0-a_b", "3.6-rc.1", "3.6+3", "3.6.0.0", " 3.6", "03.6", "3.06", "-3.6", "3.6.x",
					"99999999999999999999.6")) {
				downgrade(server, DowngradeAction.VALIDATE, version);
			}
			status(server);
		});
	}

	/**
	 * The plan stands for some milliseconds only: etcd looks at it every four seconds and
	 * then lowers the version of the cluster.
	 */
	@Test
	void downgradeIsPlannedOnceAndCancelled() {
		assumeTrue(EtcdBinary.reference().isAtLeast(3, 7));
		play((server) -> {
			downgrade(server, DowngradeAction.CANCEL, "");
			downgrade(server, DowngradeAction.ENABLE, "x");
			downgrade(server, DowngradeAction.ENABLE, "3.5");
			assertThat(downgrade(server, DowngradeAction.ENABLE, "3.6").isOk()).isTrue();
			downgrade(server, DowngradeAction.ENABLE, "3.6.0");
			downgrade(server, DowngradeAction.ENABLE, "3.5.0");
			downgrade(server, DowngradeAction.VALIDATE, "3.6.0");
			assertThat(status(server).getDowngradeInfo().getEnabled()).isTrue();
			downgrade(server, DowngradeAction.CANCEL, "3.6.0");
			assertThat(status(server).getDowngradeInfo().getEnabled()).isFalse();
			downgrade(server, DowngradeAction.CANCEL, "x");
			server.ask(MaintenanceGrpc.getDowngradeMethod(), DowngradeRequest.newBuilder().setActionValue(9).build());
		});
	}

	@Test
	void hashOfEachRevisionBeforeAndAfterACompactionIsTheSame() {
		play((server) -> {
			long first = server.put("hash/0", "0");
			server.ask(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setID(3).setTTL(5_000).build());
			for (int i = 1; i <= 20; i++) {
				server.put("hash/" + i % 4, "value " + i);
				server.ask(KVGrpc.getPutMethod(),
						PutRequest.newBuilder().setKey(key("hash/leased" + i)).setLease(3).build());
				server.ask(KVGrpc.getDeleteRangeMethod(),
						DeleteRangeRequest.newBuilder().setKey(key("hash/" + i % 3)).build());
			}
			hashes(server, first, first + 65);
			for (long compacted : new long[] { first + 7, first + 8, first + 30, first + 31 }) {
				server.compact(compacted);
				hashes(server, compacted - 2, first + 65);
			}
			hashes(server, first - 1, first + 8);
		});
	}

	@Test
	void hashCoversEveryChange() {
		play((server) -> {
			int before = hash(server);
			assertThat(hash(server)).isEqualTo(before);
			server.put("hash", "x");
			server.keep("hash differs", List.of(BoolValue.of(hash(server) != before)));
		});
	}

	@Test
	void defragmentingChangesNothing() {
		play((server) -> {
			for (int i = 0; i < 100; i++) {
				server.put("defragment", "x".repeat(1_000));
			}
			Outcome done = server.ask(MaintenanceGrpc.getDefragmentMethod(), DefragmentRequest.getDefaultInstance());
			assertThat(done.message().getAllFields()).isEmpty();
			server.ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
			status(server);
		});
	}

	@Test
	void snapshotCountsDownAndEndsInAChecksum() {
		play((server) -> {
			server.put("snapshot", "x".repeat(500_000));
			Outcome outcome = server.connection()
				.run(Call.of(MaintenanceGrpc.getSnapshotMethod(), SnapshotRequest.getDefaultInstance()));
			assertThat(outcome.isOk()).as(outcome.text()).isTrue();
			server.keep("snapshot", List.of(shape(outcome.messages())));
		});
	}

	/** What must be the same of two snapshots of different data. */
	private static StringValue shape(List<Message> messages) {
		List<SnapshotResponse> parts = messages.stream().map(SnapshotResponse.class::cast).toList();
		long total = parts.stream().mapToLong((part) -> part.getBlob().size()).sum();
		SnapshotResponse first = parts.get(0);
		SnapshotResponse last = parts.get(parts.size() - 1);
		StringBuilder shape = new StringBuilder();
		long left = total - last.getBlob().size();
		for (SnapshotResponse part : parts.subList(0, parts.size() - 1)) {
			left -= part.getBlob().size();
			assertThat(part.getRemainingBytes()).isEqualTo(left);
		}
		shape.append("headers: ").append(parts.stream().filter(SnapshotResponse::hasHeader).count());
		shape.append(", versions: ").append(parts.stream().map(SnapshotResponse::getVersion).distinct().toList());
		shape.append(", first blob: ").append(first.getBlob().size());
		shape.append(", last blob: ").append(last.getBlob().size());
		shape.append(", remaining: ").append(last.getRemainingBytes());
		shape.append(", beyond whole sectors: ").append(total % 512);
		return StringValue.of(shape.toString());
	}

	private static int hash(Recorder server) {
		return ((HashResponse) server.ask(MaintenanceGrpc.getHashMethod(), HashRequest.getDefaultInstance()).message())
			.getHash();
	}

	private static void hashes(Recorder server, long first, long last) {
		server.ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance());
		for (long revision = first; revision <= last; revision++) {
			server.ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.newBuilder().setRevision(revision).build());
		}
		server.ask(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.newBuilder().setRevision(-1).build());
	}

	private static Outcome downgrade(Recorder server, DowngradeAction action, String version) {
		return server.ask(MaintenanceGrpc.getDowngradeMethod(),
				DowngradeRequest.newBuilder().setAction(action).setVersion(version).build());
	}

	private static StatusResponse status(Recorder server) {
		return (StatusResponse) server.ask(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance())
			.message();
	}

	private static ByteString key(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private void play(Consumer<Recorder> scenario) {
		assertThat(this.servers.play(scenario)).isNotEmpty();
	}

}
