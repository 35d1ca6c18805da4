package dev.kvserver.server.log;

import java.util.List;

import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.SimulatedStorage;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.storage.WriteBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LogRetentionTests {

	private static final int FLUSH_AFTER = 40 << 10;

	private final SimulatedDisk disk = LogFixture.newDisk();

	private final SimulatedStorage storage = new SimulatedStorage();

	private SegmentLog log;

	private LogRetention retention;

	private long stored;

	@BeforeEach
	void open() {
		this.log = LogFixture.open(this.disk, true);
		this.retention = new LogRetention(this.log, this.storage, () -> this.stored, FLUSH_AFTER);
	}

	@Test
	void nothingIsFlushedBeforeEnoughWasAppended() throws Exception {
		appendAndStore(1);
		assertThat(this.retention.doWork()).isZero();
		assertThat(this.storage.unflushedCount()).isEqualTo(1);
	}

	@Test
	void storeIsFlushedAndTheLogForgetsWhatItCovers() throws Exception {
		appendAndStore(100);
		int segments = segments();
		assertThat(this.retention.doWork()).isEqualTo(1);
		assertThat(this.storage.unflushedCount()).isZero();
		assertThat(segments()).isLessThan(segments);
		assertThat(this.retention.doWork()).isZero();
		this.log.close();
		assertThat(LogFixture.replay(LogFixture.open(this.disk, false), 100)).isEmpty();
	}

	@Test
	void whatIsNotStoredYetStaysInTheLog() throws Exception {
		appendAndStore(50);
		LogFixture.append(this.log, 50);
		assertThat(this.retention.doWork()).isEqualTo(1);
		this.log.close();
		assertThat(LogFixture.replay(LogFixture.open(this.disk, false), 50)).hasSize(50);
	}

	@Test
	void longLogFoundAtTheStartCountsToo() throws Exception {
		appendAndStore(100);
		this.log.close();
		SegmentLog restarted = LogFixture.open(this.disk, false);
		assertThat(new LogRetention(restarted, this.storage, () -> this.stored, FLUSH_AFTER).doWork()).isEqualTo(1);
	}

	@Test
	void failedFlushEndsTheLoopAndForgetsNothing() {
		appendAndStore(100);
		int segments = segments();
		StorageException failure = new StorageException("no space", null);
		this.storage.failWith(failure);
		assertThatThrownBy(this.retention::doWork).isSameAs(failure);
		assertThat(segments()).isEqualTo(segments);
	}

	@Test
	void nextSegmentIsReadyBeforeItIsNeeded() throws Exception {
		this.retention.doWork();
		assertThat(this.disk.list(LogFixture.DIRECTORY)).extracting((path) -> path.getFileName().toString())
			.contains("spare.tmp");
	}

	@Test
	void fullDiskIsNoFailureWhileTheLogHasRoomAndIsTriedAgainLater() throws Exception {
		this.disk.fillUpAt(LogFixture.SEGMENT_BYTES + 1_000);
		long idle = this.retention.idleNanos();
		assertThat(this.retention.doWork()).isZero();
		assertThat(this.retention.idleNanos()).isGreaterThan(idle);
		LogFixture.append(this.log, 1);
		this.disk.fillUpAt(Long.MAX_VALUE);
		assertThat(this.retention.doWork()).isZero();
		assertThat(this.retention.idleNanos()).isEqualTo(idle);
	}

	private int segments() {
		return LogRecovery.segments(this.disk, LogFixture.DIRECTORY).size();
	}

	private void appendAndStore(int count) {
		for (int i = 0; i < count; i++) {
			List<LogEntry> entries = LogFixture.entries(this.log, 1);
			this.log.append(entries);
			this.stored = entries.get(0).index();
			try (WriteBatch batch = this.storage.newBatch()) {
				batch.put(Bucket.META, new byte[] { 1 }, new byte[] { 2 });
				this.storage.write(batch);
			}
		}
	}

}
