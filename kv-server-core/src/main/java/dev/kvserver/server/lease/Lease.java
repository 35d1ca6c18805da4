package dev.kvserver.server.lease;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import org.jspecify.annotations.Nullable;

/**
 * A promise to keep keys for a time. Three threads meet here, each with its own part: the
 * apply thread attaches keys, callers renew, and the lease thread expires.
 * <p>
 * Time is one atomic number, the deadline, with two special states: not started (granted
 * on the apply thread, which knows no time; the lease thread starts it) and expired.
 * Expired is final: a renewal that comes later waits until the lease is gone, and one
 * that comes earlier moves the deadline before anybody can call it expired. So a lease is
 * never both renewed and revoked for its age.
 */
public final class Lease extends WheelLink {

	private static final long NOT_STARTED = 0;

	private static final long EXPIRED = 1;

	/** Set in every real deadline, which costs 2 ns and sets it apart from the states. */
	private static final long REAL = 2;

	private static final Waiter GONE = new Waiter(() -> {
	}, null);

	private static final AtomicLongFieldUpdater<Lease> DEADLINE = AtomicLongFieldUpdater.newUpdater(Lease.class,
			"deadlineNanos");

	private static final AtomicReferenceFieldUpdater<Lease, @Nullable Waiter> WAITERS = AtomicReferenceFieldUpdater
		.newUpdater(Lease.class, Waiter.class, "waiters");

	private final long id;

	private final long ttlSeconds;

	private volatile long deadlineNanos = NOT_STARTED;

	private volatile KeySet keys = KeySet.EMPTY;

	private volatile @Nullable Waiter waiters;

	/** What {@link #keys} will be after the current batch; the apply thread's. */
	private KeySet stagedKeys = KeySet.EMPTY;

	/** Whether the current batch, or one before it, revoked it; the apply thread's. */
	private boolean revoked;

	Lease(long id, long ttlSeconds) {
		this.id = id;
		this.ttlSeconds = ttlSeconds;
	}

	/**
	 * The lease's name.
	 * @return the id, never 0
	 */
	public long id() {
		return this.id;
	}

	/**
	 * The time granted, which each renewal starts anew.
	 * @return seconds, from the minimum to 9,000,000,000
	 */
	public long ttlSeconds() {
		return this.ttlSeconds;
	}

	/**
	 * The time left. Any thread.
	 * @param nowNanos the clock's reading
	 * @return nanoseconds, 0 when the lease has expired
	 */
	public long remainingNanos(long nowNanos) {
		long deadline = this.deadlineNanos;
		if (deadline == NOT_STARTED) {
			return TimeUnit.SECONDS.toNanos(this.ttlSeconds);
		}
		return (deadline == EXPIRED) ? 0 : Math.max(0, deadline - nowNanos);
	}

	/**
	 * The keys attached at the published revision. Any thread.
	 * @return the keys in ascending order, a list of the caller's own; the arrays are
	 * shared and must not be changed
	 */
	public List<byte[]> keys() {
		return this.keys.toList();
	}

	/**
	 * How many keys {@link #keys()} would answer. Any thread.
	 * @return the number
	 */
	public int keyCount() {
		return this.keys.size();
	}

	// The apply thread's part.

	/** Whether this is the first change of keys since they were published. */
	boolean attach(byte[] key) {
		return stage(this.stagedKeys.with(key));
	}

	boolean detach(byte[] key) {
		return stage(this.stagedKeys.without(key));
	}

	private boolean stage(KeySet changed) {
		boolean first = this.stagedKeys == this.keys && changed != this.stagedKeys;
		this.stagedKeys = changed;
		return first;
	}

	void publishKeys() {
		this.keys = this.stagedKeys;
	}

	/** Revokes it and answers the keys it held, in ascending order. */
	List<byte[]> revoke() {
		this.revoked = true;
		return this.stagedKeys.toList();
	}

	List<byte[]> stagedKeys() {
		return this.stagedKeys.toList();
	}

	boolean isRevoked() {
		return this.revoked;
	}

	// Any thread's part.

	/** Starts its time anew; false if it has expired. */
	boolean renew(long nowNanos) {
		long renewed = deadlineFrom(nowNanos);
		while (true) {
			long deadline = this.deadlineNanos;
			if (hasExpired(nowNanos, deadline)) {
				return false;
			}
			// A caller with an older reading must not take back what a newer one gave.
			if (deadline != NOT_STARTED && renewed - deadline <= 0) {
				return true;
			}
			if (DEADLINE.compareAndSet(this, deadline, renewed)) {
				return true;
			}
		}
	}

	/** Whether the time is up; then it stays so. */
	boolean expire(long nowNanos) {
		return hasExpired(nowNanos, this.deadlineNanos);
	}

	private boolean hasExpired(long nowNanos, long deadline) {
		if (deadline == EXPIRED) {
			return true;
		}
		return deadline != NOT_STARTED && nowNanos - deadline >= 0 && DEADLINE.compareAndSet(this, deadline, EXPIRED);
	}

	/** Has an action run once when the lease is gone; false if it is gone already. */
	boolean whenGone(Runnable action) {
		while (true) {
			Waiter first = this.waiters;
			if (first == GONE) {
				return false;
			}
			if (WAITERS.compareAndSet(this, first, new Waiter(action, first))) {
				return true;
			}
		}
	}

	// The lease thread's part.

	/** Starts its time, unless a renewal was faster. */
	void start(long nowNanos) {
		DEADLINE.compareAndSet(this, NOT_STARTED, deadlineFrom(nowNanos));
	}

	/** When it has to be looked at: any time at or before now if it has expired. */
	long dueNanos(long nowNanos) {
		long deadline = this.deadlineNanos;
		return (deadline == EXPIRED) ? nowNanos : deadline;
	}

	boolean isGone() {
		return this.waiters == GONE;
	}

	/** The lease and its keys are gone for every reader: tells those who wait for it. */
	void gone() {
		Waiter waiter = WAITERS.getAndSet(this, GONE);
		while (waiter != null) {
			waiter.action.run();
			waiter = waiter.next;
		}
	}

	private long deadlineFrom(long nowNanos) {
		return (nowNanos + TimeUnit.SECONDS.toNanos(this.ttlSeconds)) | REAL;
	}

	/** Somebody who waits for the lease to be gone. */
	private static final class Waiter {

		private final Runnable action;

		private final @Nullable Waiter next;

		Waiter(Runnable action, @Nullable Waiter next) {
			this.action = action;
			this.next = next;
		}

	}

}
