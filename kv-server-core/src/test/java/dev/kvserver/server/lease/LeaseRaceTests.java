package dev.kvserver.server.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.loop.LoopThread;
import dev.kvserver.server.storage.WriteBatch;
import org.junit.jupiter.api.Test;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/** Renewals, expiry and applying on threads of their own. */
class LeaseRaceTests {

	private static final int LEASES = 200;

	private static final int THREADS = 3;

	private static final long SEED = 77;

	/** The end of what was promised for each lease, at least; one slot per renewer. */
	private final AtomicLongArray promised = new AtomicLongArray(LEASES * THREADS);

	private final AtomicInteger waited = new AtomicInteger();

	private final AtomicInteger answered = new AtomicInteger();

	/**
	 * Three threads renew leases of two seconds while a fourth moves the clock, expires
	 * and applies, all as fast as they can. Whoever was promised time gets it, and
	 * whoever was told to wait is answered.
	 */
	@Test
	void promiseOfARenewalIsKeptWhateverExpiresAtTheSameMoment() throws Exception {
		ExpiryHarness harness = new ExpiryHarness(0);
		harness.grant(1, LEASES + 1, 2);
		harness.turn();
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			List<Future<?>> renewers = new ArrayList<>();
			for (int thread = 0; thread < THREADS; thread++) {
				int slot = thread;
				renewers.add(threads.submit(() -> renew(harness, slot)));
			}
			while (harness.lessor.count() > 0) {
				harness.advance(Duration.ofMillis(7));
				harness.settle();
			}
			for (Future<?> renewer : renewers) {
				renewer.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		for (int i = 0; i < LEASES * THREADS; i++) {
			assertThat(requireNonNull(harness.expiredAtNanos.get(1L + i / THREADS))).as("seed %d lease %d", SEED, 1 + i)
				.isGreaterThanOrEqualTo(this.promised.get(i));
		}
		assertThat(this.answered.get()).isEqualTo(this.waited.get());
	}

	private void renew(ExpiryHarness harness, int slot) {
		SplittableRandom random = new SplittableRandom(SEED + slot);
		while (harness.lessor.count() > 0) {
			int lease = random.nextInt(LEASES);
			long now = harness.clock.nanoTime();
			// Late in its life, so that renewal and expiry meet.
			Lease found = harness.lessor.find(1L + lease);
			if (found == null || found.remainingNanos(now) > Duration.ofMillis(30).toNanos()) {
				continue;
			}
			long ttl = harness.lessor.renew(1L + lease, now, this.answered::incrementAndGet);
			if (ttl > 0) {
				this.promised.set(lease * THREADS + slot, now + TimeUnit.SECONDS.toNanos(ttl));
			}
			else if (ttl == Lessor.EXPIRING) {
				this.waited.incrementAndGet();
			}
		}
	}

	/**
	 * One thread renews with a reading just before the deadline while another expires
	 * with one just after it, lease by lease in lockstep. Exactly one of them wins.
	 */
	@Test
	void leaseIsNeverBothRenewedAndExpired() throws Exception {
		int leases = 100_000;
		long lastNanos = TimeUnit.SECONDS.toNanos(2) | 2;
		Lease[] contested = new Lease[leases];
		boolean[] renewed = new boolean[leases];
		AtomicInteger renewing = new AtomicInteger();
		AtomicInteger expiring = new AtomicInteger();
		for (int i = 0; i < leases; i++) {
			contested[i] = new Lease(1 + i, 2);
			contested[i].start(0);
		}
		ExecutorService threads = Executors.newFixedThreadPool(1);
		try {
			Future<?> renewer = threads.submit(() -> {
				for (int i = 0; i < leases; i++) {
					meet(renewing, expiring, i);
					renewed[i] = contested[i].renew(lastNanos - 1);
				}
			});
			for (int i = 0; i < leases; i++) {
				meet(expiring, renewing, i);
				contested[i].expire(lastNanos);
			}
			renewer.get();
		}
		finally {
			threads.shutdownNow();
		}
		for (int i = 0; i < leases; i++) {
			assertThat(contested[i].remainingNanos(lastNanos) > 0).as("lease %d", i).isEqualTo(renewed[i]);
		}
	}

	private static void meet(AtomicInteger own, AtomicInteger other, int step) {
		own.set(step);
		while (other.get() < step) {
			Thread.onSpinWait();
		}
	}

	@Test
	void loopThreadRevokesAtItsTimeOnTheMachinesClock() throws Exception {
		Lessor lessor = new Lessor(1);
		LinkedBlockingQueue<Long> revokedAtNanos = new LinkedBlockingQueue<>();
		LeaseExpiry expiry = new LeaseExpiry(lessor, Clock.system(), (ids) -> {
			revokedAtNanos.add(System.nanoTime());
			return true;
		});
		CountDownLatch failed = new CountDownLatch(1);
		try (LoopThread thread = new LoopThread("lease", expiry, (ex) -> failed.countDown())) {
			lessor.onChange(thread::wakeUp);
			thread.start();
			long grantedAtNanos = System.nanoTime();
			WriteBatch batch = new ExpiryHarness(0).storage.newBatch();
			lessor.grant(1, 1, batch);
			lessor.publish();
			long lived = requireNonNull(revokedAtNanos.poll(30, TimeUnit.SECONDS)) - grantedAtNanos;
			assertThat(lived).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
		}
		assertThat(failed.getCount()).isOne();
	}

}
