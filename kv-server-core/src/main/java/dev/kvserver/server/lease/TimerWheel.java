package dev.kvserver.server.lease;

import org.jspecify.annotations.Nullable;

/**
 * Leases by the time at which they have to be looked at; every operation is O(1).
 * <p>
 * A heap of deadlines pays O(log n) at each renewal, and renewals are nearly all that
 * ever happens to a lease. Here a renewal does not touch the order at all: it only moves
 * the lease's own deadline, and when the slot of the old one comes up the lease is put
 * where its deadline is by then. So a lease costs the wheel one step per TTL, however
 * often it is renewed.
 * <p>
 * Time is cut into ticks of 2<sup>24</sup> ns (17 ms). A lease whose tick differs from
 * the current one first in the n-th group of 6 bits lies on level n, in the slot that
 * this group of its tick names:
 *
 * <pre>
 * current tick:  0 | 2 | 17      tick 0|2|40  lies on level 0 in slot 40
 * (groups of 6 bits)             tick 0|5|3   lies on level 1 in slot 5
 * </pre>
 *
 * So the next slot to come up is the first used one of the lowest used level. When it
 * does, its leases are due or move to lower levels, at most six times in a lease's life.
 * Deadlines are rounded up to their tick: a lease never comes up early, and up to a tick
 * late. Belongs to one thread.
 */
final class TimerWheel {

	static final int TICK_SHIFT = 24;

	private static final int SLOT_BITS = 6;

	private static final int SLOTS = 1 << SLOT_BITS;

	/** Levels for 2^40 ticks, all that 64 bits of nanoseconds have. */
	private static final int LEVELS = 7;

	private final WheelLink[] heads = new WheelLink[LEVELS * SLOTS];

	/** One bit per slot that may be in use, level by level. */
	private final long[] used = new long[LEVELS];

	/** Leases whose slot has come up. */
	private final WheelLink arrived = new WheelLink();

	private final long originNanos;

	private long currentTick;

	TimerWheel(long nowNanos) {
		this.originNanos = nowNanos;
		for (int i = 0; i < this.heads.length; i++) {
			this.heads[i] = new WheelLink();
		}
	}

	/** Puts a lease that is in no wheel where its deadline belongs. */
	void add(Lease lease, long nowNanos) {
		long tick = tickAtOrAfter(lease.dueNanos(nowNanos));
		if (tick <= this.currentTick) {
			this.arrived.append(lease);
			return;
		}
		int level = (Long.SIZE - 1 - Long.numberOfLeadingZeros(tick ^ this.currentTick)) / SLOT_BITS;
		int slot = (int) (tick >>> (level * SLOT_BITS)) & (SLOTS - 1);
		this.used[level] |= 1L << slot;
		this.heads[level * SLOTS + slot].append(lease);
	}

	/** Takes a lease out; fine if it is not in. */
	void remove(Lease lease) {
		lease.unlink();
	}

	/** Takes the next expired lease out, or answers null if there is none by now. */
	@Nullable Lease poll(long nowNanos) {
		while (true) {
			if (this.arrived.isAlone() && !nextSlot(nowNanos)) {
				return null;
			}
			if (this.arrived.next() instanceof Lease lease) {
				lease.unlink();
				if (lease.expire(nowNanos)) {
					return lease;
				}
				add(lease, nowNanos);
			}
		}
	}

	/** Nanoseconds until the next slot comes up, at least 1; the maximum if none will. */
	long nextNanos(long nowNanos) {
		if (!this.arrived.isAlone()) {
			return 1;
		}
		int level = lowestUsedLevel();
		if (level == LEVELS) {
			return Long.MAX_VALUE;
		}
		long startNanos = (firstUsedTick(level) << TICK_SHIFT) + this.originNanos;
		return Math.max(1, startNanos - nowNanos);
	}

	/** Lets the next used slot arrive if its time has come; it may turn out empty. */
	private boolean nextSlot(long nowNanos) {
		long nowTick = (nowNanos - this.originNanos) >>> TICK_SHIFT;
		int level = lowestUsedLevel();
		if (level == LEVELS || firstUsedTick(level) > nowTick) {
			this.currentTick = Math.max(this.currentTick, nowTick);
			return false;
		}
		int slot = Long.numberOfTrailingZeros(this.used[level]);
		this.currentTick = firstUsedTick(level);
		this.used[level] &= this.used[level] - 1;
		this.arrived.appendAll(this.heads[level * SLOTS + slot]);
		return true;
	}

	private int lowestUsedLevel() {
		int level = 0;
		while (level < LEVELS && this.used[level] == 0) {
			level++;
		}
		return level;
	}

	/** The first tick of the first used slot of a level. */
	private long firstUsedTick(int level) {
		int shift = level * SLOT_BITS;
		long above = (this.currentTick >>> (shift + SLOT_BITS)) << (shift + SLOT_BITS);
		return above | ((long) Long.numberOfTrailingZeros(this.used[level]) << shift);
	}

	/** Ticks since the origin, as unsigned numbers: 584 years of them. */
	private long tickAtOrAfter(long nanos) {
		long since = nanos - this.originNanos;
		long tick = since >>> TICK_SHIFT;
		return ((since & ((1L << TICK_SHIFT) - 1)) == 0) ? tick : tick + 1;
	}

}
