package dev.kvserver.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.loop.ManualClock;
import dev.kvserver.server.storage.SimulatedCrash;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.SimulatedStorage;
import dev.kvserver.server.watch.WatchOptions;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server with writers, watchers and leases through several crashes, on one thread: a
 * seed decides whose turn it is, when the clock moves and when the machine dies.
 */
final class SimulatedLife {

	static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

	private static final int STEPS = 250;

	private static final int CALLS_BETWEEN_CRASHES_MAX = 60;

	private static final long TTL_SECONDS = 5;

	/** Small bounds, so that all of them are met. */
	private static final WatchOptions OPTIONS = new WatchOptions(4, 2_000, 8, 4_000, 5, 6_000, 3_000, 600, 1 << 20,
			Duration.ofMinutes(10).toNanos());

	private final SplittableRandom random;

	private final ManualClock clock = new ManualClock(1);

	private final List<SimulatedWatcher> watchers = new ArrayList<>();

	/** Sees everything, and is never overtaken by a compaction. */
	private final SimulatedWatcher witness = new SimulatedWatcher(ZERO, ZERO, false, 1, Long.MAX_VALUE);

	/** The key of each put that was acknowledged, by revision. */
	private final Map<Long, ByteString> acknowledged = new TreeMap<>();

	private final Map<Long, LeaseLife> leases = new HashMap<>();

	private SimulatedDisk disk = new SimulatedDisk();

	private SimulatedStorage storage = new SimulatedStorage();

	private @Nullable SimulatedServer server;

	private boolean started;

	private int crashes;

	SimulatedLife(long seed) {
		this.random = new SplittableRandom(seed);
		this.watchers.add(this.witness);
	}

	/** Lives; returns how many crashes there were. */
	int run() {
		start();
		for (int i = 0; i < STEPS; i++) {
			try {
				step();
			}
			catch (SimulatedCrash ex) {
				restart();
			}
			checkLeases();
		}
		finish();
		new LifeCheck(this.witness.stretchesUpTo(server().view().revision())).check(this.watchers, this.acknowledged,
				server());
		return this.crashes;
	}

	private SimulatedServer server() {
		return requireNonNull(this.server);
	}

	private void restart() {
		this.crashes++;
		this.disk = (this.random.nextInt(4) == 0) ? this.disk.afterKill() : this.disk.afterPowerLoss(this.random);
		this.storage = this.storage.crash(this.random.nextInt(this.storage.unflushedCount() + 1));
		start();
	}

	private void start() {
		this.disk.crashAt(this.disk.calls() + 1 + this.random.nextInt(CALLS_BETWEEN_CRASHES_MAX));
		try {
			this.server = new SimulatedServer(this.disk, this.storage, !this.started, this.clock, OPTIONS);
		}
		catch (SimulatedCrash ex) {
			restart();
			return;
		}
		this.started = true;
		long revision = server().view().revision();
		for (long written : this.acknowledged.keySet()) {
			require(written <= revision, "an acknowledged write is lost");
		}
		this.leases.forEach(this::restarted);
		for (SimulatedWatcher watcher : this.watchers) {
			require(watcher.next() <= revision + 1, "a watcher has seen what is lost");
			watcher.connect(server());
		}
	}

	/** Its time starts anew, unless it was to end anyway. */
	private void restarted(long id, LeaseLife lease) {
		long nowNanos = this.clock.nanoTime();
		if (server().lessor().find(id) != null) {
			lease.renewed(nowNanos);
		}
		else if (lease.granted) {
			require(lease.revoking || lease.gone || nowNanos >= lease.deadlineNanos, "an acknowledged lease is lost");
			lease.gone = true;
		}
	}

	private void step() {
		switch (this.random.nextInt(20)) {
			case 0, 1, 2, 3 -> put(0);
			case 4 -> put(anyLease());
			case 5 -> server().propose(delete(anyKey()), new Ignored());
			case 6 -> server().propose(txn(), new Ignored());
			case 7 -> compact();
			case 8 -> grant();
			case 9 -> revokeOrRenew();
			case 10, 11 -> server().logTurn();
			case 12 -> server().backgroundTurn();
			case 13, 14 -> server().applyTurn();
			case 15, 16 -> server().watchTurn();
			case 17 -> {
				server().expiryTurn();
				this.clock.advance(Duration.ofMillis(this.random.nextInt(1_000)));
			}
			case 18 -> {
				server().flush();
				this.watchers.get(this.random.nextInt(this.watchers.size())).takeMore(this.random.nextInt(2_000));
			}
			default -> watch();
		}
	}

	private void put(long lease) {
		ByteString key = anyKey();
		InternalRaftRequest put = InternalRaftRequest.newBuilder().setPut(put(key, lease)).build();
		server().propose(put, new Ignored() {
			@Override
			public void done(Message response) {
				long revision = ((PutResponse) response).getHeader().getRevision();
				assertThat(SimulatedLife.this.acknowledged.put(revision, key)).isNull();
			}
		});
	}

	private PutRequest put(ByteString key, long lease) {
		ByteString value = ByteString.copyFrom(new byte[this.random.nextInt(200)]);
		return PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease).build();
	}

	private static InternalRaftRequest delete(ByteString key) {
		return InternalRaftRequest.newBuilder()
			.setDeleteRange(DeleteRangeRequest.newBuilder().setKey(key).setRangeEnd(ByteString.copyFromUtf8("key5")))
			.build();
	}

	private InternalRaftRequest txn() {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(ByteString.copyFromUtf8("txn"), 0)));
		txn.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(anyKey())));
		return InternalRaftRequest.newBuilder().setTxn(txn).build();
	}

	private void compact() {
		long revision = this.random.nextLong(this.witness.next() + 1);
		server().propose(InternalRaftRequest.newBuilder()
			.setCompaction(CompactionRequest.newBuilder().setRevision(revision).setPhysical(this.random.nextBoolean()))
			.build(), new Ignored());
	}

	private void grant() {
		long id = 1L + this.leases.size();
		LeaseLife lease = new LeaseLife();
		this.leases.put(id, lease);
		InternalRaftRequest grant = InternalRaftRequest.newBuilder()
			.setLeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(TTL_SECONDS))
			.build();
		server().propose(grant, new Ignored() {
			@Override
			public void done(Message response) {
				assertThat(((LeaseGrantResponse) response).getTTL()).isEqualTo(TTL_SECONDS);
				lease.granted = true;
				lease.renewed(SimulatedLife.this.clock.nanoTime());
			}
		});
	}

	private void revokeOrRenew() {
		long id = anyLease();
		LeaseLife lease = this.leases.get(id);
		if (lease == null) {
			return;
		}
		if (this.random.nextInt(4) == 0) {
			lease.revoking = true;
			server().propose(
					InternalRaftRequest.newBuilder().setLeaseRevoke(LeaseRevokeRequest.newBuilder().setID(id)).build(),
					new Ignored());
		}
		else if (server().lessor().renew(id, this.clock.nanoTime(), () -> lease.gone = true) > 0) {
			lease.renewed(this.clock.nanoTime());
		}
	}

	private void watch() {
		if (this.watchers.size() < 6) {
			ByteString key = anyKey();
			ByteString end = switch (this.random.nextInt(3)) {
				case 0 -> ByteString.EMPTY;
				case 1 -> ZERO;
				default -> ByteString.copyFromUtf8("key9");
			};
			SimulatedWatcher watcher = new SimulatedWatcher(key, end, this.random.nextBoolean(),
					this.random.nextLong(this.witness.next() + 1), this.random.nextInt(500));
			this.watchers.add(watcher);
			watcher.connect(server());
		}
	}

	private ByteString anyKey() {
		return ByteString.copyFromUtf8("key" + this.random.nextInt(8));
	}

	private long anyLease() {
		return 1L + this.random.nextInt(this.leases.size() + 1);
	}

	/** No lease goes before its time, and none that is gone comes back. */
	private void checkLeases() {
		this.leases.forEach((id, lease) -> {
			boolean there = server().lessor().find(id) != null;
			if (lease.granted && !lease.revoking && this.clock.nanoTime() < lease.deadlineNanos) {
				require(there || lease.gone, "a lease went before its time");
			}
			if (lease.gone) {
				require(!there, "a lease is there again after its end");
			}
			lease.gone |= lease.granted && !there;
		});
	}

	/** As a check of AssertJ, which is too slow to be made some million times. */
	private static void require(boolean holds, String otherwise) {
		if (!holds) {
			throw new AssertionError(otherwise);
		}
	}

	/** Until everything is said and done; then all leases are over. */
	private void finish() {
		this.disk.crashAt(Integer.MAX_VALUE);
		for (int i = 0; i < 3 * TTL_SECONDS; i++) {
			settle();
			this.clock.advance(Duration.ofSeconds(1));
		}
		settle();
		assertThat(server().lessor().count()).isZero();
	}

	private void settle() {
		int work = 1;
		while (work > 0) {
			work = server().logTurn() + server().applyTurn() + server().expiryTurn() + server().backgroundTurn();
			if (work == 0) {
				serveWatchers();
			}
		}
		// A second time for those that were refused in the first and watch again.
		serveWatchers();
	}

	private void serveWatchers() {
		for (SimulatedWatcher watcher : this.watchers) {
			watcher.takeMore(Long.MAX_VALUE);
		}
		int work = 1;
		while (work > 0) {
			work = server().watchTurn();
		}
	}

	/** What is known of a lease. */
	private static final class LeaseLife {

		private boolean granted;

		private boolean revoking;

		private boolean gone;

		private long deadlineNanos;

		void renewed(long nowNanos) {
			this.deadlineNanos = nowNanos + Duration.ofSeconds(TTL_SECONDS).toNanos();
		}

	}

	/** An answer nobody waits for. */
	private static class Ignored implements Completion {

		@Override
		public void done(Message response) {
		}

		@Override
		public void failed(Throwable failure) {
		}

	}

}
