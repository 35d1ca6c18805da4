package dev.kvserver.server.log;

import java.util.List;
import java.util.SplittableRandom;

import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.SimulatedCrash;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The machine goes off, the process is killed or the disk fails during each single call
 * of seeded histories. Whatever was acknowledged is found again, and what is found is a
 * prefix of what was proposed.
 */
class LogCrashTests {

	private static final long FIRST_SEED = 7_000;

	private static final int SEEDS = 40;

	@Test
	void powerLossDuringEveryCallLosesNothingAcknowledged() {
		int points = 0;
		for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
			int calls = callsOfAWholeRun(seed);
			for (int call = 1; call <= calls; call++) {
				History history = new History(seed);
				history.disk.crashAt(call);
				history.live();
				history.powerOff();
				history.restartAndCheck();
				history.live();
				history.powerOff();
				history.restartAndCheck();
				points++;
			}
		}
		assertThat(points).isGreaterThan(2_000);
	}

	@Test
	void powerLossDuringRecoveryLosesNothingEither() {
		int points = 0;
		for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
			int calls = callsOfAWholeRun(seed);
			for (int point = 0; point < 40; point++) {
				History history = new History(seed);
				history.disk.crashAt(1 + history.random.nextInt(calls));
				history.live();
				history.powerOff();
				history.disk.crashAt(1 + history.random.nextInt(12));
				history.live();
				history.powerOff();
				history.restartAndCheck();
				points++;
			}
		}
		assertThat(points).isEqualTo(SEEDS * 40);
	}

	@Test
	void whatARestartHasReadOnceSurvivesAPowerLossAfterwards() {
		for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
			int calls = callsOfAWholeRun(seed);
			for (int point = 0; point < 40; point++) {
				History history = new History(seed);
				int call = 1 + history.random.nextInt(calls);
				if (history.random.nextBoolean()) {
					history.disk.crashAt(call);
				}
				else {
					history.disk.failAt(call);
				}
				history.live();
				history.kill();
				history.restartAndCheck();
				history.powerOff();
				history.restartAndCheck();
			}
		}
	}

	@Test
	void failureOfAnyCallIsFinalAndLosesNothingAcknowledged() {
		for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
			int calls = callsOfAWholeRun(seed);
			for (int call = 1; call <= calls; call++) {
				History history = new History(seed);
				history.disk.failAt(call);
				history.live();
				if (history.random.nextBoolean()) {
					history.powerOff();
				}
				else {
					history.kill();
				}
				history.restartAndCheck();
			}
		}
	}

	@Test
	void fullDiskLosesNothingAndTheLogGoesOnOnceThereIsSpace() {
		for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
			for (int segments = 0; segments < 5; segments++) {
				History history = new History(seed);
				history.disk.fillUpAt(segments * LogFixture.SEGMENT_BYTES + history.random.nextInt(512));
				while (!history.failed) {
					history.live();
				}
				history.kill();
				long found = history.restartAndCheck();
				history.live();
				assertThat(history.acknowledged).isGreaterThanOrEqualTo(found);
				assertThat(history.failed).isFalse();
			}
		}
	}

	private static int callsOfAWholeRun(long seed) {
		History history = new History(seed);
		history.live();
		return history.disk.calls();
	}

	/** One log through its lives, and what is known about it. */
	private static final class History {

		private final long seed;

		private final SplittableRandom random;

		private SimulatedDisk disk = LogFixture.newDisk();

		private @Nullable SegmentLog log;

		private boolean created;

		private boolean failed;

		private long acknowledged;

		private long proposed;

		private long forgotten;

		private long term = 1;

		History(long seed) {
			this.seed = seed;
			this.random = new SplittableRandom(seed);
		}

		/**
		 * Opens the log unless it is open, and works on it until all is done or nothing
		 * goes.
		 */
		void live() {
			this.failed = false;
			try {
				SegmentLog log = (this.log != null) ? this.log : open(this.disk);
				for (int i = 0; i < 20; i++) {
					work(log);
				}
			}
			catch (StorageException ex) {
				this.failed = true;
				refusesEverythingNow();
			}
			catch (SimulatedCrash ex) {
				// The machine is off.
			}
		}

		private SegmentLog open(Disk disk) {
			SegmentLog opened = LogFixture.open(disk, !this.created);
			this.log = opened;
			this.created = true;
			return opened;
		}

		private void work(SegmentLog log) {
			List<LogEntry> batch = LogFixture.entries(log, 1 + this.random.nextInt(4));
			this.proposed = batch.get(batch.size() - 1).index();
			log.append(batch);
			this.acknowledged = this.proposed;
			if (this.random.nextInt(4) == 0) {
				log.prepare();
			}
			if (this.random.nextInt(8) == 0) {
				this.forgotten = this.random.nextLong(this.forgotten, this.acknowledged + 1);
				log.truncateBefore(this.forgotten + 1);
			}
		}

		private void refusesEverythingNow() {
			SegmentLog log = this.log;
			if (log != null && this.proposed > this.acknowledged) {
				List<LogEntry> batch = LogFixture.entries(log, 1);
				assertThatThrownBy(() -> log.append(batch)).isInstanceOf(StorageException.class)
					.hasMessageContaining("has failed");
			}
		}

		void powerOff() {
			this.disk = this.disk.afterPowerLoss(this.random);
			this.log = null;
		}

		void kill() {
			this.disk = this.disk.afterKill();
			this.log = null;
		}

		/** What is found from now on counts as acknowledged: readers have seen it. */
		long restartAndCheck() {
			SegmentLog log = open(this.disk);
			long found = log.lastIndex();
			assertThat(found).as("seed %d", this.seed).isBetween(this.acknowledged, this.proposed);
			List<LogEntry> entries = LogFixture.replay(log, this.forgotten);
			assertThat(entries).as("seed %d", this.seed).hasSize((int) (found - this.forgotten));
			for (int i = 0; i < entries.size(); i++) {
				LogEntry entry = entries.get(i);
				assertThat(entry.index()).isEqualTo(this.forgotten + 1 + i);
				assertThat(entry.request()).isEqualTo(LogFixture.request(entry.index()));
			}
			assertThat(log.term()).as("seed %d", this.seed).isGreaterThan(this.term);
			this.term = log.term();
			this.acknowledged = found;
			this.proposed = found;
			return found;
		}

	}

}
