package dev.kvserver.conformance.kill;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.conformance.process.ServerUnderTest;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashKVResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kvserver.proto.etcdserverpb.LeaseStatus;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.mvccpb.Event;

/**
 * Kills a server again and again, and compares what it has after each start with what it
 * had said before.
 */
final class KillRounds {

	private static final int ANSWERS_MIN = 20;

	private static final int ANSWERS_MAX = 1500;

	private final ServerUnderTest server;

	private final Dice dice;

	private final Follower follower = new Follower(1);

	private final Set<Long> leases = new HashSet<>();

	private long verifiedRevision = 1;

	private long nextNumber = 1;

	private long acknowledgedWrites;

	/**
	 * Of the verified revision, before the kill; empty when a compaction comes between.
	 */
	private List<HashKVResponse> hash = List.of();

	KillRounds(ServerUnderTest server, long seed) {
		this.server = server;
		this.dice = new Dice(seed);
	}

	/**
	 * Runs.
	 * @param rounds how many times to kill
	 * @return how many writes were acknowledged, in all
	 */
	long run(int rounds) {
		this.server.start();
		for (int i = 0; i < rounds; i++) {
			Writes writes = new Writes();
			load(writes);
			this.server.start();
			try (Connection connection = new Connection(this.server.port())) {
				verify(writes, connection);
			}
		}
		this.follower.close();
		return this.acknowledgedWrites;
	}

	private void load(Writes writes) {
		boolean compact = this.dice.chance(30);
		int answers = (int) this.dice.between(ANSWERS_MIN, ANSWERS_MAX);
		try (Connection connection = new Connection(this.server.port())) {
			this.follower.resume(connection);
			Load load = new Load(writes, this.dice, this.nextNumber, answers, this.server::kill);
			CompletableFuture<Outcome> compaction = compact ? compact(connection) : new CompletableFuture<>();
			load.run(this.server.port());
			this.server.kill();
			if (compact) {
				Connection.join(compaction);
			}
			this.nextNumber += load.writesSent();
			this.acknowledgedWrites += writes.acknowledged().size();
			this.leases.addAll(writes.leases());
		}
	}

	/**
	 * Compacts what is verified, without waiting for it: the kill may come in between.
	 */
	private CompletableFuture<Outcome> compact(Connection connection) {
		this.hash = List.of();
		CompactionRequest request = CompactionRequest.newBuilder().setRevision(this.verifiedRevision).build();
		return connection.start(Call.of(KVGrpc.getCompactMethod(), request));
	}

	private void verify(Writes writes, Connection connection) {
		long revision = currentRevision(connection);
		if (revision < writes.greatestRevision() || revision < this.verifiedRevision) {
			throw new AssertionError("Revision went back to " + revision + " from " + writes.greatestRevision());
		}
		verifyHash(connection);
		List<Event> events;
		try (Follower fresh = new Follower(this.verifiedRevision)) {
			fresh.resume(connection);
			fresh.awaitRevision(revision);
			events = fresh.takeEvents();
		}
		HistoryCheck.verify(writes, events, this.verifiedRevision, revision);
		this.follower.resume(connection);
		this.follower.awaitRevision(revision);
		List<Event> followed = this.follower.takeEvents();
		if (!followed.equals(events)) {
			throw new AssertionError(
					"The resumed watcher saw " + summary(followed) + "\nbut there is " + summary(events));
		}
		verifyLeases(connection);
		this.verifiedRevision = revision;
		this.hash = List.of(hash(connection, revision));
	}

	private void verifyHash(Connection connection) {
		for (HashKVResponse before : this.hash) {
			HashKVResponse after = hash(connection, this.verifiedRevision);
			if (after.getHash() != before.getHash()) {
				throw new AssertionError("The hash at " + this.verifiedRevision + " has changed");
			}
		}
	}

	private void verifyLeases(Connection connection) {
		LeaseLeasesResponse response = (LeaseLeasesResponse) ask(connection,
				Call.of(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance()));
		Set<Long> lost = new TreeSet<>(this.leases);
		response.getLeasesList().stream().map(LeaseStatus::getID).toList().forEach(lost::remove);
		if (!lost.isEmpty()) {
			throw new AssertionError("Leases are lost: " + lost);
		}
	}

	private static HashKVResponse hash(Connection connection, long revision) {
		HashKVRequest request = HashKVRequest.newBuilder().setRevision(revision).build();
		return (HashKVResponse) ask(connection, Call.of(MaintenanceGrpc.getHashKVMethod(), request));
	}

	private static long currentRevision(Connection connection) {
		RangeRequest request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")).build();
		return ((RangeResponse) ask(connection, Call.of(KVGrpc.getRangeMethod(), request))).getHeader().getRevision();
	}

	private static Message ask(Connection connection, Call call) {
		return connection.run(call).message();
	}

	private static String summary(List<Event> events) {
		if (events.isEmpty()) {
			return "nothing";
		}
		return events.size() + " events of " + events.get(0).getKv().getModRevision() + " to "
				+ events.get(events.size() - 1).getKv().getModRevision();
	}

}
