package dev.kvserver.conformance.clients;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.history.History;
import dev.kvserver.conformance.history.Step;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Snapshots that go from our server to a real etcd and back, by etcd's own tools. Set
 * {@code -Dkv.seed} to repeat a run.
 */
@Tag("real-etcd")
class SnapshotToolsTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(SnapshotToolsTests.class);

	private static final int STEPS = Integer.getInteger("kv.steps", 3_000);

	private final long seed = Long.getLong("kv.seed", System.nanoTime());

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	static Stream<SnapshotTools> tools() {
		return SnapshotTools.all();
	}

	@ParameterizedTest
	@MethodSource("tools")
	void etcdServesWhatOurSnapshotHolds(SnapshotTools tools) {
		Path file = this.directory.resolve("ours.db");
		try (KvServer ours = ours("ours", null); EtcdProcess etcd = new EtcdProcess(EtcdBinary.reference())) {
			fill(ours.port());
			SavedData saved = SavedData.of(ours.port());
			tools.save(ours.port(), file);
			assertThat(tools.status(file)).contains("\"revision\":" + saved.revision());
			SnapshotTools.newest().restore(file, etcd.dataDirectory());
			etcd.start();
			assertThat(SavedData.of(etcd.port())).isEqualTo(saved);
			assertThatEtcdCanWorkOn(etcd, saved);
		}
	}

	/** Its database has to stand everything that etcd does to one. */
	private void assertThatEtcdCanWorkOn(EtcdProcess etcd, SavedData saved) {
		SnapshotTools tools = SnapshotTools.newest();
		tools.etcdctl(etcd.port(), "put", "another", "value");
		tools.etcdctl(etcd.port(), "del", "", "--from-key");
		tools.etcdctl(etcd.port(), "compaction", Long.toString(saved.revision() + 2), "--physical");
		Path after = this.directory.resolve("after.db");
		tools.save(etcd.port(), after);
		assertThat(tools.status(after)).contains("\"totalKey\":" + (tools.restoring().isAtLeast(3, 6) ? "0" : ""));
		tools.etcdctl(etcd.port(), "defrag");
		assertThat(SavedData.of(etcd.port()).keys()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("tools")
	void shippedToolsRestoreOurSnapshot(SnapshotTools tools) {
		Path file = this.directory.resolve("ours.db");
		try (KvServer ours = ours("ours", null)) {
			fill(ours.port());
			tools.save(ours.port(), file);
			tools.restore(file, this.directory.resolve("restored"));
			try (KvServer again = ours("again", this.directory.resolve("restored/member/snap/db"))) {
				assertThat(SavedData.of(again.port())).isEqualTo(SavedData.of(ours.port()));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("tools")
	void ourServerServesWhatAnEtcdSnapshotHolds(SnapshotTools tools) {
		Path file = this.directory.resolve("etcd.db");
		try (EtcdProcess etcd = EtcdProcess.startFast(EtcdBinary.reference())) {
			fill(etcd.port());
			SavedData saved = SavedData.of(etcd.port());
			tools.save(etcd.port(), file);
			try (KvServer ours = ours("ours", file)) {
				assertThat(SavedData.of(ours.port())).isEqualTo(saved);
				SnapshotTools.newest().etcdctl(ours.port(), "put", "another", "value");
				SnapshotTools.newest()
					.etcdctl(ours.port(), "compaction", Long.toString(saved.revision() + 1), "--physical");
			}
			try (KvServer ours = ours("ours", null)) {
				assertThat(SavedData.of(ours.port()).revision()).isEqualTo(saved.revision() + 1);
			}
		}
	}

	/** From etcd to us and back. */
	@Test
	void usersRolesAndAlarmsAreTakenOver() {
		SnapshotTools tools = SnapshotTools.newest();
		Path file = this.directory.resolve("etcd.db");
		Path back = this.directory.resolve("back.db");
		try (EtcdProcess etcd = EtcdProcess.startFast(EtcdBinary.reference(), "--quota-backend-bytes=1000000")) {
			raiseNoSpace(etcd.port(), tools);
			makeUsers(etcd.port(), tools);
			tools.etcdctl(etcd.port(), "--user=root:secret", "snapshot", "save", file.toString());
		}
		try (KvServer ours = ours("ours", file)) {
			assertThatUsersMayWhatTheyMight(ours.port(), tools);
			assertThat(tools.etcdctl(ours.port(), "--user=root:secret", "alarm", "list").output())
				.contains("alarm:NOSPACE");
			tools.etcdctl(ours.port(), "--user=root:secret", "snapshot", "save", back.toString());
		}
		try (EtcdProcess etcd = new EtcdProcess(EtcdBinary.reference())) {
			tools.restore(back, etcd.dataDirectory());
			etcd.start();
			assertThatUsersMayWhatTheyMight(etcd.port(), tools);
			assertThat(tools.etcdctl(etcd.port(), "--user=root:secret", "alarm", "list").output())
				.contains("alarm:NOSPACE");
		}
	}

	@Test
	void usersMadeHereLogInToEtcd() {
		SnapshotTools tools = SnapshotTools.newest();
		Path file = this.directory.resolve("ours.db");
		try (KvServer ours = ours("ours", null)) {
			tools.etcdctl(ours.port(), "put", "b", "2");
			makeUsers(ours.port(), tools);
			assertThatUsersMayWhatTheyMight(ours.port(), tools);
			tools.etcdctl(ours.port(), "--user=root:secret", "snapshot", "save", file.toString());
		}
		try (EtcdProcess etcd = new EtcdProcess(EtcdBinary.reference())) {
			tools.restore(file, etcd.dataDirectory());
			etcd.start();
			assertThatUsersMayWhatTheyMight(etcd.port(), tools);
		}
	}

	private static void makeUsers(int port, SnapshotTools tools) {
		tools.etcdctl(port, "user", "add", "root:secret");
		tools.etcdctl(port, "user", "grant-role", "root", "root");
		tools.etcdctl(port, "user", "add", "reader:pass");
		tools.etcdctl(port, "role", "add", "reads");
		tools.etcdctl(port, "role", "grant-permission", "reads", "read", "a", "z");
		tools.etcdctl(port, "user", "grant-role", "reader", "reads");
		tools.etcdctl(port, "auth", "enable");
	}

	private static void assertThatUsersMayWhatTheyMight(int port, SnapshotTools tools) {
		assertThat(tools.etcdctl(port, "--user=root:secret", "user", "list").output()).isEqualTo("reader\nroot\n");
		assertThat(tools.etcdctl(port, "--user=reader:pass", "get", "b").output()).isEqualTo("b\n2\n");
		assertThat(tools.etcdctl(port, "--user=root:secret", "role", "get", "reads").output()).contains("[a, z)");
		assertThatThrownBy(() -> tools.etcdctl(port, "get", "b")).hasMessageContaining("user name is empty");
		assertThatThrownBy(() -> tools.etcdctl(port, "--user=reader:wrong", "get", "b"))
			.hasMessageContaining("invalid user ID or password");
		assertThatThrownBy(() -> tools.etcdctl(port, "--user=reader:pass", "del", "b"))
			.hasMessageContaining("permission denied");
	}

	private static void raiseNoSpace(int port, SnapshotTools tools) {
		tools.etcdctl(port, "put", "b", "2");
		try (Connection connection = new Connection(port)) {
			PutRequest put = PutRequest.newBuilder()
				.setKey(ByteString.copyFromUtf8("large"))
				.setValue(ByteString.copyFrom(new byte[1_000_000]))
				.build();
			boolean refused = false;
			for (int i = 0; i < 10 && !refused; i++) {
				refused = !connection.run(Call.of(KVGrpc.getPutMethod(), put)).isOk();
			}
			assertThat(refused).isTrue();
		}
	}

	/**
	 * A restore may make clients believe that much has happened. What it leaves behind is
	 * a change of a key without name; etcd counts it in its hash for ever, and to us it
	 * is one that is compacted.
	 */
	@Test
	void raisedRevisionIsTakenOver() {
		SnapshotTools tools = SnapshotTools.newest();
		assumeTrue(tools.restoring().isAtLeast(3, 6));
		Path file = this.directory.resolve("etcd.db");
		try (EtcdProcess etcd = EtcdProcess.startFast(EtcdBinary.reference());
				EtcdProcess raised = new EtcdProcess(EtcdBinary.reference())) {
			fill(etcd.port());
			tools.save(etcd.port(), file);
			tools.restore(file, raised.dataDirectory(), "--bump-revision=1000000", "--mark-compacted");
			try (KvServer ours = ours("ours", raised.dataDirectory().resolve("member/snap/db"))) {
				raised.start();
				SnapshotTools.newest().etcdctl(ours.port(), "put", "another", "value");
				SnapshotTools.newest().etcdctl(raised.port(), "put", "another", "value");
				assertThat(SavedData.of(ours.port()).withoutHash())
					.isEqualTo(SavedData.of(raised.port()).withoutHash());
			}
		}
	}

	/** A random history with leases, large values and a compaction. */
	private void fill(int port) {
		LOGGER.info("Seed {} (-Dkv.seed={})", this.seed, this.seed);
		History history = new History(this.seed, EnumSet.of(History.Feature.LEASES));
		try (Connection connection = new Connection(port)) {
			for (int i = 0; i < STEPS; i++) {
				if (history.next() instanceof Step.Ask ask) {
					history.state().observe(ask.call(), connection.run(ask.call()));
				}
			}
			long revision = large(connection);
			KVGrpc.newBlockingStub(connection.channel())
				.compact(CompactionRequest.newBuilder().setRevision(revision - 20).setPhysical(true).build());
		}
	}

	private static long large(Connection connection) {
		KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(connection.channel());
		LeaseGrpc.newBlockingStub(connection.channel())
			.leaseGrant(LeaseGrantRequest.newBuilder().setID(4711).setTTL(4711).build());
		long revision = 0;
		for (int i = 0; i < 50; i++) {
			revision = kv
				.put(PutRequest.newBuilder()
					.setKey(ByteString.copyFromUtf8("large/" + i))
					.setValue(ByteString.copyFrom(new byte[i * 20_000]))
					.setLease(4711)
					.build())
				.getHeader()
				.getRevision();
		}
		return revision;
	}

	private KvServer ours(String name, @Nullable Path restoreFrom) {
		KvServer server = KvServer.open(options(name, restoreFrom));
		server.listen();
		return server;
	}

	private KvServerOptions options(String name, @Nullable Path restoreFrom) {
		return KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.dataDirectory(this.directory.resolve(name))
			.restoreFrom(restoreFrom)
			.build();
	}

}
