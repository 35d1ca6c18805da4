package dev.kvserver.server;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseExpireRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.storage.SimulatedCrash;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.SimulatedStorage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A whole engine loses its machine at every disk call of seeded histories. What the next
 * start finds must be the state after some first part of the proposals: all that were
 * acknowledged, and no part of any later one. What is there of the index on disk, lost or
 * of another time as it may be, changes nothing about that.
 * <p>
 * {@code -Dkv.seed=N} runs one history, {@code -Dkv.seeds=N} that many.
 */
class CrashSimulationTests {

	private static final int PROPOSALS = 60;

	private static final int CRASH_POINTS_MIN = 2_000;

	private static final int CHECKPOINTS_USED_MIN = 1_000;

	private int checkpointsUsed;

	@Test
	void nothingAcknowledgedIsLostAtAnyDiskCall() {
		Long only = Long.getLong("kv.seed");
		int seeds = (only != null) ? 1 : Integer.getInteger("kv.seeds", 40);
		int points = 0;
		for (int i = 0; i < seeds; i++) {
			points += crashEverywhere((only != null) ? only : 1_000 + i);
		}
		if (seeds >= 40) {
			assertThat(points).as("crash points").isGreaterThan(CRASH_POINTS_MIN);
			assertThat(this.checkpointsUsed).as("checkpoints used").isGreaterThan(CHECKPOINTS_USED_MIN);
		}
	}

	private int crashEverywhere(long seed) {
		History history = new History(seed);
		List<String> expected = history.statesWithoutCrash();
		SimulatedDisk whole = new SimulatedDisk();
		SimulatedServer reference = new SimulatedServer(whole, new SimulatedStorage(), true);
		history.run(reference);
		int calls = whole.calls();
		for (int call = 1; call <= calls; call++) {
			crash(history, call, expected, seed);
		}
		return calls;
	}

	private void crash(History history, int call, List<String> expected, long seed) {
		SplittableRandom random = new SplittableRandom(seed * 31 + call);
		SimulatedDisk disk = new SimulatedDisk();
		SimulatedStorage storage = new SimulatedStorage();
		disk.crashAt(call);
		SimulatedServer server = null;
		try {
			server = new SimulatedServer(disk, storage, true);
			history.run(server);
		}
		catch (SimulatedCrash ex) {
			// As planned.
		}
		SimulatedDisk found = random.nextInt(4) == 0 ? disk.afterKill() : disk.afterPowerLoss(random);
		changeCheckpoint(found, history, random);
		SimulatedStorage foundStorage = storage.crash(random.nextInt(storage.unflushedCount() + 1));
		SimulatedServer restarted = new SimulatedServer(found, foundStorage, server == null);
		// One that cannot be used is deleted.
		this.checkpointsUsed += found.list(SimulatedServer.DATA).contains(SimulatedServer.INDEX) ? 1 : 0;
		int survived = (int) restarted.appliedIndex();
		String what = "seed " + seed + ", crash in disk call " + call;
		assertThat(survived).as(what).isBetween((server != null) ? server.acknowledged() : 0, PROPOSALS);
		restarted.turn();
		assertThat(restarted.dump()).as(what).isEqualTo(expected.get(survived));
		if (server != null) {
			assertThat(server.lastRevisionSeen()).as(what).isLessThanOrEqualTo(history.revisionAfter(survived));
		}
		restarted.propose(History.put("after", 0));
		restarted.turn();
		assertThat(restarted.acknowledged()).as(what).isOne();
	}

	/** Somebody may have deleted the checkpoint, or put back one of another time. */
	private static void changeCheckpoint(SimulatedDisk found, History history, SplittableRandom random) {
		switch (random.nextInt(6)) {
			case 0 -> found.lose(SimulatedServer.INDEX);
			case 1 -> found.damage(SimulatedServer.INDEX,
					history.checkpoints.get(random.nextInt(history.checkpoints.size())));
			default -> {
				// As it survived.
			}
		}
	}

	/** A seeded list of proposals, and the rhythm in which they are made. */
	private static final class History {

		private final List<InternalRaftRequest> proposals = new ArrayList<>();

		private final List<Long> revisions = new ArrayList<>();

		/** Those of the run without a crash, in order, after an empty file. */
		private final List<byte[]> checkpoints = new ArrayList<>(List.of(new byte[0]));

		private final long seed;

		History(long seed) {
			this.seed = seed;
			SplittableRandom random = new SplittableRandom(seed);
			for (int i = 0; i < PROPOSALS; i++) {
				this.proposals.add(any(random, i));
			}
		}

		/** Makes the proposals in batches of any size, with a flush now and then. */
		void run(SimulatedServer server) {
			SplittableRandom rhythm = new SplittableRandom(~this.seed);
			for (InternalRaftRequest proposal : this.proposals) {
				server.propose(proposal);
				if (rhythm.nextInt(3) == 0) {
					server.turn();
				}
				if (rhythm.nextInt(12) == 0) {
					server.flush();
				}
			}
			server.turn();
		}

		/** The dump after each number of proposals, from none to all. */
		List<String> statesWithoutCrash() {
			SimulatedDisk disk = new SimulatedDisk();
			SimulatedServer server = new SimulatedServer(disk, new SimulatedStorage(), true);
			List<String> states = new ArrayList<>();
			states.add(server.dump());
			this.revisions.add(1L);
			for (InternalRaftRequest proposal : this.proposals) {
				server.propose(proposal);
				server.turn();
				states.add(server.dump());
				if (disk.list(SimulatedServer.DATA).contains(SimulatedServer.INDEX)) {
					this.checkpoints.add(disk.content(SimulatedServer.INDEX));
				}
				this.revisions.add(server.lastRevisionSeen());
			}
			return states;
		}

		long revisionAfter(int proposals) {
			return this.revisions.get(proposals);
		}

		private static InternalRaftRequest any(SplittableRandom random, int number) {
			String key = "key" + random.nextInt(8);
			return switch (random.nextInt(10)) {
				case 0 -> InternalRaftRequest.newBuilder()
					.setLeaseGrant(LeaseGrantRequest.newBuilder().setID(1 + random.nextInt(3)).setTTL(60))
					.build();
				case 1 -> InternalRaftRequest.newBuilder()
					.setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(1 + random.nextInt(3)))
					.build();
				case 2 -> InternalRaftRequest.newBuilder()
					.setDeleteRange(DeleteRangeRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8("key7")))
					.build();
				case 3 -> InternalRaftRequest.newBuilder()
					.setCompaction(CompactionRequest.newBuilder()
						.setRevision(random.nextInt(number + 2))
						.setPhysical(random.nextBoolean()))
					.build();
				case 4 -> txn(key, number);
				case 5 -> InternalRaftRequest.newBuilder()
					.setLeaseExpire(LeaseExpireRequest.newBuilder().addIDs(1 + random.nextInt(3)).addIDs(2))
					.build();
				case 6 -> large(key, random);
				default -> put(key, random.nextInt(4));
			};
		}

		private static InternalRaftRequest txn(String key, int number) {
			TxnRequest.Builder txn = TxnRequest.newBuilder()
				.addCompare(Compare.newBuilder()
					.setKey(utf8(key))
					.setTarget(Compare.CompareTarget.VERSION)
					.setResult(Compare.CompareResult.GREATER));
			txn.addSuccess(RequestOp.newBuilder().setRequestPut(put("txn" + number, 0).getPut()));
			txn.addSuccess(
					RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(utf8(key))));
			txn.addFailure(RequestOp.newBuilder().setRequestPut(put(key, 0).getPut()));
			return InternalRaftRequest.newBuilder().setTxn(txn).build();
		}

		/** Large enough that a write spans sectors and segments fill up. */
		private static InternalRaftRequest large(String key, SplittableRandom random) {
			byte[] value = new byte[random.nextInt(1_500)];
			return InternalRaftRequest.newBuilder()
				.setPut(PutRequest.newBuilder().setKey(utf8(key)).setValue(ByteString.copyFrom(value)))
				.build();
		}

		static InternalRaftRequest put(String key, long lease) {
			return InternalRaftRequest.newBuilder()
				.setPut(PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8("v")).setLease(lease))
				.build();
		}

		private static ByteString utf8(String text) {
			return ByteString.copyFromUtf8(text);
		}

	}

}
