package dev.kvserver.server.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.loop.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The work of the lease thread: it starts the time of new leases, finds those whose time
 * is up, has them revoked through the log, and tells the renewals that wait for that.
 * <p>
 * It deletes nothing itself. Revokes go into the log in batches, several under way at a
 * time and no more, so that 100,000 leases that expire together neither take 100,000
 * entries nor stand in the way of everybody's writes; the others wait in the wheel. A
 * batch that has not taken effect after a while is proposed again.
 */
public final class LeaseExpiry implements Agent {

	/** How many leases one entry revokes, unless told otherwise. */
	public static final int BATCH_MAX = 500;

	/** How many entries may be under way, unless told otherwise. */
	public static final int BATCHES_UNDER_WAY_MAX = 4;

	private static final long REPEAT_NANOS = TimeUnit.SECONDS.toNanos(3);

	private static final long REPEAT_REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final int CHANGES_PER_TURN = 256;

	private final Lessor lessor;

	private final Clock clock;

	private final LeaseRevoker revoker;

	private final int batchMax;

	private final int batchesUnderWayMax;

	private final TimerWheel wheel;

	private final Deque<Batch> underWay = new ArrayDeque<>();

	/**
	 * Makes the agent with the usual bounds.
	 * @param lessor the leases
	 * @param clock the time leases are measured by, the same as for renewals
	 * @param revoker the way into the log
	 */
	public LeaseExpiry(Lessor lessor, Clock clock, LeaseRevoker revoker) {
		this(lessor, clock, revoker, BATCH_MAX, BATCHES_UNDER_WAY_MAX);
	}

	/**
	 * Makes the agent.
	 * @param lessor the leases
	 * @param clock the time leases are measured by, the same as for renewals
	 * @param revoker the way into the log
	 * @param batchMax how many leases one entry revokes, at least 1
	 * @param batchesUnderWayMax how many such entries may be under way, at least 1
	 */
	public LeaseExpiry(Lessor lessor, Clock clock, LeaseRevoker revoker, int batchMax, int batchesUnderWayMax) {
		this.lessor = lessor;
		this.clock = clock;
		this.revoker = revoker;
		this.batchMax = batchMax;
		this.batchesUnderWayMax = batchesUnderWayMax;
		this.wheel = new TimerWheel(clock.nanoTime());
	}

	@Override
	public int doWork() {
		int work = takeChanges();
		long nowNanos = this.clock.nanoTime();
		return work + settle(nowNanos) + expire(nowNanos);
	}

	@Override
	public long idleNanos() {
		long nowNanos = this.clock.nanoTime();
		long idle = Long.MAX_VALUE;
		if (this.underWay.size() < this.batchesUnderWayMax) {
			idle = this.wheel.nextNanos(nowNanos);
		}
		for (Batch batch : this.underWay) {
			idle = Math.min(idle, Math.max(1, batch.repeatAtNanos - nowNanos));
		}
		return idle;
	}

	private int takeChanges() {
		int taken = 0;
		LeaseChanges changes;
		while (taken < CHANGES_PER_TURN && (changes = this.lessor.pollChanges()) != null) {
			take(changes);
			taken++;
		}
		return taken;
	}

	private void take(LeaseChanges changes) {
		// Read after the hand-over, so that no lease starts before it was granted.
		long nowNanos = this.clock.nanoTime();
		List<Lease> granted = changes.granted();
		for (int i = 0; i < granted.size(); i++) {
			granted.get(i).start(nowNanos);
			this.wheel.add(granted.get(i), nowNanos);
		}
		List<Lease> revoked = changes.revoked();
		for (int i = 0; i < revoked.size(); i++) {
			this.wheel.remove(revoked.get(i));
			revoked.get(i).gone();
		}
	}

	/** Forgets the batches that took effect and repeats those that should have. */
	private int settle(long nowNanos) {
		int work = 0;
		for (Iterator<Batch> batches = this.underWay.iterator(); batches.hasNext();) {
			Batch batch = batches.next();
			if (batch.isSettled()) {
				batches.remove();
				work++;
			}
			else if (nowNanos - batch.repeatAtNanos >= 0) {
				propose(batch, nowNanos);
				work++;
			}
		}
		return work;
	}

	private int expire(long nowNanos) {
		int work = 0;
		while (this.underWay.size() < this.batchesUnderWayMax) {
			Batch batch = nextBatch(nowNanos);
			if (batch == null) {
				break;
			}
			this.underWay.add(batch);
			propose(batch, nowNanos);
			work += batch.leases.size();
		}
		return work;
	}

	private @Nullable Batch nextBatch(long nowNanos) {
		List<Lease> leases = new ArrayList<>();
		Lease lease;
		while (leases.size() < this.batchMax && (lease = this.wheel.poll(nowNanos)) != null) {
			leases.add(lease);
		}
		return leases.isEmpty() ? null : new Batch(leases);
	}

	private void propose(Batch batch, long nowNanos) {
		boolean accepted = this.revoker.revoke(batch.ids());
		batch.repeatAtNanos = nowNanos + (accepted ? REPEAT_NANOS : REPEAT_REFUSED_NANOS);
	}

	/** Expired leases that one entry is to revoke. */
	private static final class Batch {

		private final List<Lease> leases;

		/** All before it are gone; moves only forwards, so asking costs O(1) overall. */
		private int firstLeft;

		private long repeatAtNanos;

		Batch(List<Lease> leases) {
			this.leases = leases;
		}

		boolean isSettled() {
			while (this.firstLeft < this.leases.size() && this.leases.get(this.firstLeft).isGone()) {
				this.firstLeft++;
			}
			return this.firstLeft == this.leases.size();
		}

		long[] ids() {
			long[] ids = new long[this.leases.size() - this.firstLeft];
			int count = 0;
			for (int i = this.firstLeft; i < this.leases.size(); i++) {
				if (!this.leases.get(i).isGone()) {
					ids[count++] = this.leases.get(i).id();
				}
			}
			return (count == ids.length) ? ids : Arrays.copyOf(ids, count);
		}

	}

}
