package dev.kvserver.server.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

import dev.kvserver.server.loop.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/** Section 2.10 of etcd's contract, "Expiry"; every turn is made by hand. */
class LeaseExpiryTests {

	private static final Duration TICK = Duration.ofNanos(1L << TimerWheel.TICK_SHIFT);

	private static final Duration MILLI = Duration.ofMillis(1);

	private final ExpiryHarness harness = new ExpiryHarness(-5);

	private final List<String> told = new ArrayList<>();

	@Test
	void leaseIsProposedAtItsTimeAndNotBefore() {
		this.harness.grant(7, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(10).minusNanos(1));
		this.harness.turn();
		assertThat(this.harness.proposed).isEmpty();
		this.harness.advance(TICK);
		this.harness.turn();
		assertThat(this.harness.proposed).containsExactly(new long[] { 7 });
	}

	@Test
	void timeStartsWhenTheLeaseThreadLearnsOfTheGrant() {
		this.harness.grant(7, 10);
		this.harness.advance(Duration.ofSeconds(9));
		assertThat(this.harness.lease(7).remainingNanos(this.harness.clock.nanoTime()))
			.isEqualTo(Duration.ofSeconds(10).toNanos());
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(9));
		this.harness.turn();
		assertThat(this.harness.proposed).isEmpty();
		assertThat(this.harness.lease(7).remainingNanos(this.harness.clock.nanoTime()))
			.isBetween(Duration.ofSeconds(1).toNanos(), Duration.ofSeconds(1).toNanos() + 2);
	}

	@Test
	void leaseGrantedDuringATurnDoesNotStartBeforeItsGrant() {
		AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {
		});
		Clock clock = () -> {
			long reading = this.harness.clock.nanoTime();
			meanwhile.getAndSet(() -> {
			}).run();
			return reading;
		};
		LeaseExpiry expiry = new LeaseExpiry(this.harness.lessor, clock, (ids) -> true);
		meanwhile.set(() -> {
			this.harness.advance(MILLI);
			this.harness.grant(7, 10);
		});
		expiry.doWork();
		expiry.doWork();
		assertThat(this.harness.lease(7).remainingNanos(this.harness.clock.nanoTime()))
			.isGreaterThanOrEqualTo(Duration.ofSeconds(10).toNanos());
	}

	@Test
	void renewalBeforeTheStartCounts() {
		this.harness.grant(7, 10);
		assertThat(renew(7)).isEqualTo(10);
		this.harness.advance(Duration.ofSeconds(4));
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(6).plus(TICK));
		this.harness.turn();
		assertThat(this.harness.proposed).hasSize(1);
	}

	@Test
	void idleThreadSleepsUntilTheNextDeadline() {
		assertThat(this.harness.expiry.idleNanos()).isEqualTo(Long.MAX_VALUE);
		this.harness.grant(7, 10);
		this.harness.turn();
		for (int wakeUps = 0; this.harness.proposed.isEmpty(); wakeUps++) {
			assertThat(wakeUps).isLessThan(4);
			this.harness.advance(Duration.ofNanos(this.harness.expiry.idleNanos()));
			this.harness.turn();
		}
		assertThat(this.harness.clock.nanoTime()).isLessThanOrEqualTo(Duration.ofSeconds(10).plus(TICK).toNanos());
		assertThat(this.harness.expiry.idleNanos()).isLessThanOrEqualTo(Duration.ofSeconds(3).toNanos());
		this.harness.settle();
		assertThat(this.harness.expiry.idleNanos()).isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void leaseRevokedByAClientLeavesTheWheel() {
		this.harness.grant(7, 9_000_000_000L);
		this.harness.turn();
		assertThat(this.harness.expiry.idleNanos()).isLessThan(Long.MAX_VALUE);
		this.harness.revoke(7);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(9_000_000_001L));
		this.harness.turn();
		assertThat(this.harness.proposals).isZero();
		assertThat(this.harness.expiry.idleNanos()).isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void idGrantedAgainHasATimeOfItsOwn() {
		this.harness.grant(7, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(9));
		this.harness.revoke(7);
		this.harness.grant(7, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(9));
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isOne();
		this.harness.advance(Duration.ofSeconds(1).plus(TICK));
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isZero();
	}

	@Test
	void restartGivesTheFullTtl() {
		this.harness.grant(1, 4, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(9));

		ExpiryHarness restarted = new ExpiryHarness(1_000_000);
		restarted.lessor.load(this.harness.storage);
		restarted.lessor.publish();
		restarted.turn();
		restarted.advance(Duration.ofSeconds(10).minusNanos(1));
		restarted.settle();
		assertThat(restarted.lessor.count()).isEqualTo(3);
		restarted.advance(TICK);
		restarted.settle();
		assertThat(restarted.lessor.count()).isZero();
	}

	@Test
	void renewalOfAnExpiredLeaseWaitsUntilItIsGone() {
		this.harness.grant(7, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(10).plus(MILLI));
		// Expired, though the lease thread has not noticed yet.
		assertThat(renew(7)).isEqualTo(Lessor.EXPIRING);
		assertThat(this.harness.lease(7).remainingNanos(this.harness.clock.nanoTime())).isZero();
		this.harness.advance(TICK);
		this.harness.turn();
		assertThat(renew(7)).isEqualTo(Lessor.EXPIRING);
		assertThat(this.told).isEmpty();
		this.harness.applyOne();
		assertThat(renew(7)).isZero();
		assertThat(this.told).isEmpty();
		this.harness.turn();
		assertThat(this.told).containsExactly("gone", "gone");
	}

	@Test
	void renewalThatWaitsIsToldWhenAClientRevokes() {
		this.harness.grant(7, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(11));
		assertThat(renew(7)).isEqualTo(Lessor.EXPIRING);
		this.harness.revoke(7);
		this.harness.turn();
		assertThat(this.told).containsExactly("gone");
		this.harness.settle();
		assertThat(this.told).hasSize(1);
	}

	@Test
	void olderReadingDoesNotTakeBackWhatANewerOneGave() {
		this.harness.grant(7, 10);
		this.harness.turn();
		this.harness.lessor.renew(7, Duration.ofSeconds(8).toNanos(), this::toldGone);
		this.harness.lessor.renew(7, Duration.ofSeconds(3).toNanos(), this::toldGone);
		assertThat(this.harness.lease(7).remainingNanos(Duration.ofSeconds(8).toNanos()))
			.isGreaterThanOrEqualTo(Duration.ofSeconds(10).toNanos());
	}

	@Test
	void revokeWithoutEffectIsRepeatedAfterThreeSeconds() {
		this.harness.grant(1, 4, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(10).plus(TICK));
		this.harness.turn();
		this.harness.proposed.clear();
		this.harness.revoke(2);
		this.harness.advance(Duration.ofSeconds(3).minus(MILLI));
		this.harness.turn();
		assertThat(this.harness.proposed).isEmpty();
		assertThat(this.harness.expiry.idleNanos()).isEqualTo(MILLI.toNanos());
		this.harness.advance(MILLI);
		this.harness.turn();
		assertThat(this.harness.proposed).containsExactly(new long[] { 1, 3 });
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isZero();
		this.harness.advance(Duration.ofSeconds(10));
		this.harness.turn();
		assertThat(this.harness.proposals).isEqualTo(2);
	}

	@Test
	void refusedRevokeIsRepeatedSoon() {
		this.harness.grant(1, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(10).plus(TICK));
		this.harness.refusing = true;
		this.harness.turn();
		assertThat(this.harness.proposals).isOne();
		this.harness.refusing = false;
		this.harness.advance(Duration.ofMillis(99));
		this.harness.turn();
		assertThat(this.harness.proposed).isEmpty();
		this.harness.advance(MILLI);
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isZero();
	}

	@Test
	void onlySoManyBatchesAreUnderWay() {
		this.harness.grant(1, 1001, 10);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(10).plus(TICK));
		this.harness.turn();
		assertThat(this.harness.proposed).hasSize(ExpiryHarness.UNDER_WAY_MAX)
			.allMatch((ids) -> ids.length == ExpiryHarness.BATCH_MAX);
		// The thread waits for an outcome, it does not spin on the leases left.
		assertThat(this.harness.expiry.idleNanos()).isEqualTo(Duration.ofSeconds(3).toNanos());
		this.harness.applyOne();
		this.harness.turn();
		assertThat(this.harness.proposed).hasSize(ExpiryHarness.UNDER_WAY_MAX);
	}

	@Test
	void hundredThousandLeasesThatExpireTogetherAreRevokedInFullBatches() {
		int leases = 100_000;
		for (int id = 1; id <= leases; id += 1000) {
			this.harness.grant(id, id + 1000, 60);
		}
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(60).plus(TICK));
		int turns = this.harness.turn();
		while (!this.harness.proposed.isEmpty()) {
			assertThat(this.harness.proposed.size()).isLessThanOrEqualTo(ExpiryHarness.UNDER_WAY_MAX);
			this.harness.applyOne();
			turns += this.harness.turn();
		}
		assertThat(this.harness.lessor.count()).isZero();
		assertThat(this.harness.expiredAtNanos).hasSize(leases);
		assertThat(this.harness.proposals).isEqualTo(leases / ExpiryHarness.BATCH_MAX);
		assertThat(turns).isLessThanOrEqualTo(4 * leases / ExpiryHarness.BATCH_MAX);
	}

	@Test
	void renewalsWinOverTheExpiryOfThousandsAround() {
		this.harness.grant(1, 40_001, 60);
		this.harness.turn();
		this.harness.advance(Duration.ofSeconds(60).minus(MILLI));
		for (int id = 2; id <= 40_000; id += 2) {
			assertThat(renew(id)).isEqualTo(60);
		}
		this.harness.advance(TICK);
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isEqualTo(20_000);
		assertThat(this.harness.expiredAtNanos.keySet()).allMatch((id) -> id % 2 == 1);
		assertThat(this.harness.proposals).isEqualTo(20_000 / ExpiryHarness.BATCH_MAX);
		this.harness.advance(Duration.ofSeconds(60).minus(TICK).minus(MILLI));
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isEqualTo(20_000);
		this.harness.advance(TICK);
		this.harness.settle();
		assertThat(this.harness.lessor.count()).isZero();
	}

	/**
	 * Random grants, renewals, revokes, lost and refused proposals. No lease is revoked
	 * before its time, and none stays longer than a tick and what the losses cost.
	 */
	@ParameterizedTest
	@ValueSource(longs = { 11, 12, 13, 14, 15, 16 })
	void noLeaseIsEarlyAndNoneIsForgotten(long seed) {
		SplittableRandom random = new SplittableRandom(seed);
		Map<Long, Long> dueNanos = new HashMap<>();
		for (long step = 1; step <= 20_000; step++) {
			long id = random.nextLong(1, step + 1);
			switch (random.nextInt(8)) {
				case 0, 1 -> {
					long ttl = random.nextLong(2, 40);
					this.harness.grant(step, ttl);
					dueNanos.put(step, due(ttl));
				}
				case 2, 3 -> {
					long ttl = renew(id);
					if (ttl > 0) {
						dueNanos.merge(id, due(ttl), Math::max);
					}
				}
				case 4 -> {
					if (this.harness.lessor.exists(id)) {
						this.harness.revoke(id);
					}
				}
				case 5 -> this.harness.refusing = random.nextInt(10) == 0;
				case 6 -> {
					if (!this.harness.proposed.isEmpty()) {
						if (random.nextInt(10) == 0) {
							this.harness.proposed.poll();
						}
						else {
							this.harness.applyOne();
						}
					}
				}
				default -> {
					this.harness.advance(Duration.ofNanos(random.nextLong(500_000_000)));
					this.harness.turn();
				}
			}
		}
		this.harness.refusing = false;
		for (int repeats = 0; repeats < 20; repeats++) {
			this.harness.advance(Duration.ofSeconds(3));
			this.harness.settle();
		}
		assertThat(this.harness.lessor.count()).as("seed %d", seed).isZero();
		assertThat(this.harness.expiredAtNanos).as("seed %d", seed).hasSizeGreaterThan(1000);
		this.harness.expiredAtNanos.forEach((id, atNanos) -> assertThat(atNanos).as("seed %d lease %d", seed, id)
			.isGreaterThanOrEqualTo(requireNonNull(dueNanos.get(id))));
	}

	private long due(long ttlSeconds) {
		return this.harness.clock.nanoTime() + Duration.ofSeconds(ttlSeconds).toNanos();
	}

	private long renew(long id) {
		return this.harness.lessor.renew(id, this.harness.clock.nanoTime(), this::toldGone);
	}

	private void toldGone() {
		this.told.add("gone");
	}

}
