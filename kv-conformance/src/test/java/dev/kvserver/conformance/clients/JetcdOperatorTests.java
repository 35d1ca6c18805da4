package dev.kvserver.conformance.clients;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.process.ServerUnderTest;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.cluster.Member;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.maintenance.AlarmMember;
import io.etcd.jetcd.maintenance.AlarmType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * jetcd's Cluster, Maintenance, Election and Lock clients on a real etcd and on the
 * sample application.
 */
@Tag("real-etcd")
class JetcdOperatorTests extends SampleAppBesideEtcd {

	@Test
	void members() {
		play((side) -> {
			Cluster cluster = side.client().getClusterClient();
			Member self = cluster.listMember().join().getMembers().get(0);
			side.jetcd().keep(cluster.listMember());
			side.jetcd().keep(cluster.addMember(self.getPeerURIs()));
			side.jetcd().keep(cluster.addMember(List.of(URI.create("http://nowhere"))));
			side.jetcd().keep(cluster.removeMember(self.getId()));
			side.jetcd().keep(cluster.removeMember(1));
			side.jetcd().keep(cluster.promoteMember(self.getId()));
			side.jetcd().keep(cluster.promoteMember(1));
			side.jetcd().keep(cluster.updateMember(1, List.of(URI.create("http://127.0.0.1:1"))));
			side.jetcd().keep(cluster.updateMember(self.getId(), List.of(URI.create("http://127.0.0.1:1"))));
			assertThat(cluster.listMember().join().getMembers().get(0).getPeerURIs())
				.containsExactly(URI.create("http://127.0.0.1:1"));
			side.jetcd().keep(cluster.updateMember(self.getId(), self.getPeerURIs()));
		});
	}

	@Test
	void maintenance() {
		play((side) -> {
			Maintenance maintenance = side.client().getMaintenanceClient();
			side.jetcd().keep(maintenance.statusMember(side.endpoint()));
			side.jetcd().keep(maintenance.hashKV(side.endpoint(), 0));
			side.jetcd().keep(maintenance.hashKV(side.endpoint(), 1_000_000));
			side.jetcd().keep(maintenance.defragmentMember(side.endpoint()));
			long self = maintenance.statusMember(side.endpoint()).join().getLeader();
			side.jetcd().keep(maintenance.moveLeader(self));
			side.jetcd().keep(maintenance.moveLeader(1));
			long bytes = maintenance.snapshot(new ByteArrayOutputStream()).join();
			side.jetcd().keep("snapshot, beyond whole sectors: " + bytes % 512);
		});
	}

	@Test
	void alarms() {
		play((side) -> {
			Maintenance maintenance = side.client().getMaintenanceClient();
			side.jetcd().keep(maintenance.listAlarms());
			AlarmRequest raise = AlarmRequest.newBuilder()
				.setAction(AlarmRequest.AlarmAction.ACTIVATE)
				.setMemberID(42)
				.setAlarm(dev.kvserver.proto.etcdserverpb.AlarmType.NOSPACE)
				.build();
			side.connection().run(Call.of(MaintenanceGrpc.getAlarmMethod(), raise));
			side.jetcd().keep(maintenance.listAlarms());
			side.jetcd().keep(side.client().getKVClient().put(bytes("a"), bytes("1")));
			side.jetcd().keep(maintenance.statusMember(side.endpoint()));
			side.jetcd().keep(maintenance.alarmDisarm(new AlarmMember(41, AlarmType.NOSPACE)));
			side.jetcd().keep(maintenance.alarmDisarm(new AlarmMember(42, AlarmType.NOSPACE)));
			side.jetcd().keep(maintenance.listAlarms());
			side.jetcd().keep(side.client().getKVClient().put(bytes("a"), bytes("1")));
		});
	}

	@Test
	void locks() {
		play((side) -> {
			Lock lock = side.client().getLockClient();
			long first = side.lease();
			long second = side.lease();
			ByteSequence key = keepKey(side, lock.lock(bytes("lock"), first));
			CompletableFuture<LockResponse> waiting = lock.lock(bytes("lock"), second);
			side.awaitPuts("lock/", 2);
			assertThat(waiting).isNotDone();
			side.jetcd().keep(lock.lock(bytes("lock"), first));
			side.jetcd().keep(lock.lock(bytes("lock"), 4711));
			side.jetcd().keep(lock.unlock(key));
			side.jetcd().keep(lock.unlock(keepKey(side, waiting)));
			side.jetcd().keep(lock.unlock(bytes("lock/nobody")));
		});
	}

	@Test
	void elections() {
		play((side) -> {
			Election election = side.client().getElectionClient();
			side.jetcd().keep(election.leader(bytes("election")));
			BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
			election.observe(bytes("election"), new Observer(seen));
			LeaderKey first = keepLeader(side, election.campaign(bytes("election"), side.lease(), bytes("one")));
			side.jetcd().keepNext(seen);
			CompletableFuture<CampaignResponse> waiting = election.campaign(bytes("election"), side.lease(),
					bytes("two"));
			side.awaitPuts("election/", 2);
			assertThat(waiting).isNotDone();
			side.jetcd().keep(election.leader(bytes("election")));
			side.jetcd().keep(election.proclaim(first, bytes("more")));
			side.jetcd().keepNext(seen);
			side.jetcd().keep(election.resign(first));
			LeaderKey second = keepLeader(side, waiting);
			side.jetcd().keepNext(seen);
			side.jetcd().keep(election.proclaim(first, bytes("too late")));
			side.jetcd().keep(election.resign(first));
			side.jetcd().keep(election.resign(second));
		});
	}

	private static ByteSequence keepKey(Side side, CompletableFuture<LockResponse> answer) {
		side.jetcd().keep(answer);
		return answer.join().getKey();
	}

	private static LeaderKey keepLeader(Side side, CompletableFuture<CampaignResponse> answer) {
		side.jetcd().keep(answer);
		return answer.join().getLeader();
	}

	private void play(Consumer<Side> scenario) {
		List<String> left = play(reference(), scenario);
		List<String> right = play(candidate(), scenario);
		for (int i = 0; i < left.size(); i++) {
			assertThat(right.get(i)).as("Answer " + i).isEqualTo(left.get(i));
		}
		assertThat(right).hasSameSizeAs(left).isNotEmpty();
	}

	private static List<String> play(ServerUnderTest server, Consumer<Side> scenario) {
		String endpoint = "http://127.0.0.1:" + server.port();
		try (Client client = Client.builder().endpoints(endpoint).build();
				Connection connection = new Connection(server.port())) {
			Side side = new Side(client, endpoint, connection, new JetcdTranscript());
			scenario.accept(side);
			return side.jetcd().entries();
		}
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, UTF_8);
	}

	/** One of the servers, and what was asked of it. */
	private record Side(Client client, String endpoint, Connection connection, JetcdTranscript jetcd) {

		/** A new lease, whose id is chosen by the server. */
		long lease() {
			long lease = this.client.getLeaseClient().grant(5_000).join().getID();
			this.jetcd.hide(Long.toString(lease));
			this.jetcd.hide(Long.toHexString(lease));
			return lease;
		}

		/** Blocks until so many keys with a prefix have been put. */
		void awaitPuts(String prefix, int count) {
			try (WatchConnection watch = new WatchConnection(this.connection.channel())) {
				watch.create(WatchCreateRequest.newBuilder()
					.setKey(ByteString.copyFromUtf8(prefix))
					.setRangeEnd(ByteString.copyFromUtf8(prefix + "~"))
					.setStartRevision(1)
					.build());
				if (watch.await((response) -> response.getEventsCount() >= count, 1, Duration.ofSeconds(30)) == null) {
					throw new AssertionError("No " + count + " keys with " + prefix);
				}
			}
		}

	}

	/** Collects what an observer sees. */
	private record Observer(BlockingQueue<Object> seen) implements Election.Listener {

		@Override
		public void onNext(LeaderResponse response) {
			this.seen.add(response);
		}

		@Override
		public void onError(Throwable error) {
			this.seen.add(error);
		}

		@Override
		public void onCompleted() {
			this.seen.add("completed");
		}

	}

}
