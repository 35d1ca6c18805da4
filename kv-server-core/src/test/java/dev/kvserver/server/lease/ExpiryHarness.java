package dev.kvserver.server.lease;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

import dev.kvserver.server.loop.ManualClock;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.WriteBatch;

import static java.util.Objects.requireNonNull;

/**
 * Lessor, lease thread and log on one thread, turn by turn, under a clock that only the
 * test moves. Proposals wait in {@link #proposed} until the test applies, loses or
 * refuses them.
 */
final class ExpiryHarness {

	static final int BATCH_MAX = 100;

	static final int UNDER_WAY_MAX = 3;

	final MemoryStorage storage = new MemoryStorage();

	final ManualClock clock;

	final Lessor lessor = new Lessor(2);

	final LeaseExpiry expiry;

	final Deque<long[]> proposed = new ArrayDeque<>();

	/** When each lease was revoked by its age. */
	final Map<Long, Long> expiredAtNanos = new HashMap<>();

	boolean refusing;

	int proposals;

	ExpiryHarness(long originNanos) {
		this.clock = new ManualClock(originNanos);
		this.expiry = new LeaseExpiry(this.lessor, this.clock, this::propose, BATCH_MAX, UNDER_WAY_MAX);
	}

	private boolean propose(long[] ids) {
		this.proposals++;
		if (this.refusing) {
			return false;
		}
		this.proposed.add(ids);
		return true;
	}

	void grant(long id, long ttlSeconds) {
		grant(id, id + 1, ttlSeconds);
	}

	/** Grants the ids in one batch, with a key each. */
	void grant(long from, long end, long ttlSeconds) {
		WriteBatch batch = this.storage.newBatch();
		for (long id = from; id < end; id++) {
			this.lessor.grant(id, ttlSeconds, batch);
			this.lessor.attach(id, Long.toString(id).getBytes(StandardCharsets.UTF_8));
		}
		publish(batch);
	}

	void revoke(long id) {
		WriteBatch batch = this.storage.newBatch();
		this.lessor.revoke(id, batch);
		publish(batch);
	}

	/** Applies the oldest proposal as the apply thread would. */
	void applyOne() {
		WriteBatch batch = this.storage.newBatch();
		for (long id : requireNonNull(this.proposed.poll())) {
			if (this.lessor.exists(id)) {
				this.lessor.revoke(id, batch);
				this.expiredAtNanos.put(id, this.clock.nanoTime());
			}
		}
		publish(batch);
	}

	private void publish(WriteBatch batch) {
		this.storage.write(batch);
		this.lessor.publish();
	}

	/** Turns until there is nothing to do; answers how many. */
	int turn() {
		int turns = 1;
		while (this.expiry.doWork() != 0) {
			turns++;
		}
		return turns;
	}

	/** Turns and applies until there is nothing to do. */
	void settle() {
		turn();
		while (!this.proposed.isEmpty()) {
			applyOne();
			turn();
		}
	}

	void advance(Duration by) {
		this.clock.advance(by);
	}

	Lease lease(long id) {
		return requireNonNull(this.lessor.find(id));
	}

}
