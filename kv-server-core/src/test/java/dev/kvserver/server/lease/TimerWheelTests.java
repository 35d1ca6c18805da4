package dev.kvserver.server.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

class TimerWheelTests {

	private static final long TICK = 1L << TimerWheel.TICK_SHIFT;

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	/** Where the clock stands at the start; it wraps around soon after the last one. */
	private static final long[] ORIGINS = { 0, -1, 1, TICK - 1, Long.MAX_VALUE - 30 * SECOND, Long.MIN_VALUE };

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 60, 63, 64, 65, 3600, 86_400, 31_536_000, 315_360_000, 9_000_000_000L })
	void leaseComesUpAtItsDeadlineAndNotBefore(long ttlSeconds) {
		for (long origin : ORIGINS) {
			TimerWheel wheel = new TimerWheel(origin);
			Lease lease = added(wheel, 1, ttlSeconds, origin + 5);
			long deadline = lease.dueNanos(origin);
			assertThat(wheel.poll(origin + 5)).isNull();
			assertThat(wheel.poll(deadline - 1)).isNull();
			assertThat(wheel.poll(deadline + TICK)).isSameAs(lease);
			assertThat(wheel.poll(deadline + TICK)).isNull();
		}
	}

	@Test
	void nextNanosLeadsToTheDeadlineInFewSteps() {
		for (long origin : ORIGINS) {
			TimerWheel wheel = new TimerWheel(origin);
			Lease lease = added(wheel, 1, 9_000_000_000L, origin);
			long deadline = lease.dueNanos(origin);
			long now = origin;
			int steps = 0;
			Lease polled = wheel.poll(now);
			while (polled == null) {
				now += wheel.nextNanos(now);
				polled = wheel.poll(now);
				steps++;
			}
			assertThat(now - deadline).isBetween(0L, TICK);
			assertThat(steps).isLessThanOrEqualTo(7);
		}
	}

	@Test
	void emptyWheelHasNothingNext() {
		TimerWheel wheel = new TimerWheel(0);
		assertThat(wheel.nextNanos(0)).isEqualTo(Long.MAX_VALUE);
		Lease lease = added(wheel, 1, 10, 0);
		assertThat(wheel.nextNanos(0)).isLessThanOrEqualTo(10 * SECOND + TICK);
		wheel.remove(lease);
		wheel.remove(lease);
		assertThat(wheel.poll(100 * SECOND)).isNull();
		assertThat(wheel.nextNanos(100 * SECOND)).isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void leaseThatIsOverdueWhenAddedComesUpAtOnce() {
		TimerWheel wheel = new TimerWheel(0);
		assertThat(wheel.poll(50 * SECOND)).isNull();
		Lease lease = new Lease(1, 2);
		lease.start(10 * SECOND);
		wheel.add(lease, 50 * SECOND);
		assertThat(wheel.nextNanos(50 * SECOND)).isEqualTo(1);
		assertThat(wheel.poll(50 * SECOND)).isSameAs(lease);
	}

	@Test
	void renewedLeaseStaysWithoutTouchingTheWheel() {
		TimerWheel wheel = new TimerWheel(0);
		Lease lease = added(wheel, 1, 10, 0);
		for (long now = 0; now < 1000 * SECOND; now += SECOND) {
			assertThat(wheel.poll(now)).isNull();
			assertThat(lease.renew(now)).isTrue();
		}
		assertThat(wheel.poll(1008 * SECOND)).isNull();
		assertThat(wheel.poll(1009 * SECOND + TICK)).isSameAs(lease);
		assertThat(lease.renew(1009 * SECOND + TICK)).isFalse();
	}

	/**
	 * Random grants, renewals, revokes and jumps of the clock, against a sorted map of
	 * deadlines. What is polled must be due, and all that is due by more than the
	 * rounding to a tick must be polled.
	 */
	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void wheelAgreesWithASortedMap(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		long origin = ORIGINS[(int) (seed % ORIGINS.length)];
		TimerWheel wheel = new TimerWheel(origin);
		Model model = new Model();
		// The model counts from the origin, so that its order never wraps around.
		long elapsed = 0;
		for (int step = 0; step < 40_000; step++) {
			switch (random.nextInt(5)) {
				case 0, 1 -> {
					long ttl = ttl(random);
					model.put(added(wheel, step, ttl, origin + elapsed), (elapsed + ttl * SECOND) | 2);
				}
				case 2 -> model.renewOne(random, origin, elapsed);
				case 3 -> model.revokeOne(random, wheel);
				default -> {
					elapsed += jump(random);
					model.assertPolled(wheel, origin, elapsed, "seed " + seed + " step " + step);
				}
			}
		}
		assertThat(model.expired).as("seed %d", seed).isGreaterThan(1000);
	}

	private static long ttl(SplittableRandom random) {
		return switch (random.nextInt(20)) {
			case 0 -> random.nextLong(1, 9_000_000_001L);
			case 1, 2 -> random.nextLong(1, 100_000);
			default -> random.nextLong(1, 100);
		};
	}

	private static long jump(SplittableRandom random) {
		return switch (random.nextInt(50)) {
			case 0 -> random.nextLong(5000 * SECOND);
			case 1 -> 0;
			case 2 -> TICK;
			default -> random.nextLong(SECOND);
		};
	}

	private static Lease added(TimerWheel wheel, long id, long ttlSeconds, long nowNanos) {
		Lease lease = new Lease(id, ttlSeconds);
		lease.start(nowNanos);
		wheel.add(lease, nowNanos);
		return lease;
	}

	/** Deadlines in a sorted map, in nanoseconds since the origin. */
	private static final class Model {

		private final TreeMap<Long, TreeSet<Long>> idsByDeadline = new TreeMap<>();

		private final Map<Long, Long> deadlines = new HashMap<>();

		private final Map<Long, Lease> leases = new HashMap<>();

		private final List<Long> ids = new ArrayList<>();

		private int expired;

		void put(Lease lease, long deadline) {
			this.leases.put(lease.id(), lease);
			this.ids.add(lease.id());
			move(lease.id(), deadline);
		}

		void renewOne(SplittableRandom random, long origin, long elapsed) {
			Lease lease = pick(random);
			if (lease == null) {
				return;
			}
			boolean alive = requireNonNull(this.deadlines.get(lease.id())) > elapsed;
			assertThat(lease.renew(origin + elapsed)).isEqualTo(alive);
			if (alive) {
				move(lease.id(), (elapsed + lease.ttlSeconds() * SECOND) | 2);
			}
		}

		void revokeOne(SplittableRandom random, TimerWheel wheel) {
			Lease lease = pick(random);
			if (lease != null) {
				wheel.remove(lease);
				forget(lease.id());
			}
		}

		void assertPolled(TimerWheel wheel, long origin, long elapsed, String where) {
			for (Lease lease = wheel.poll(origin + elapsed); lease != null; lease = wheel.poll(origin + elapsed)) {
				assertThat(this.deadlines.get(lease.id())).as(where).isNotNull().isLessThanOrEqualTo(elapsed);
				forget(lease.id());
				this.expired++;
			}
			if (!this.idsByDeadline.isEmpty()) {
				assertThat(this.idsByDeadline.firstKey()).as(where).isGreaterThan(elapsed - TICK);
			}
		}

		private @Nullable Lease pick(SplittableRandom random) {
			return this.ids.isEmpty() ? null : this.leases.get(this.ids.get(random.nextInt(this.ids.size())));
		}

		private void move(long id, long deadline) {
			Long before = this.deadlines.put(id, deadline);
			if (before != null) {
				remove(before, id);
			}
			this.idsByDeadline.computeIfAbsent(deadline, (ignored) -> new TreeSet<>()).add(id);
		}

		private void forget(long id) {
			remove(requireNonNull(this.deadlines.remove(id)), id);
			this.leases.remove(id);
			int at = this.ids.indexOf(id);
			this.ids.set(at, this.ids.get(this.ids.size() - 1));
			this.ids.remove(this.ids.size() - 1);
		}

		private void remove(long deadline, long id) {
			TreeSet<Long> atDeadline = requireNonNull(this.idsByDeadline.get(deadline));
			atDeadline.remove(id);
			if (atDeadline.isEmpty()) {
				this.idsByDeadline.remove(deadline);
			}
		}

	}

}
