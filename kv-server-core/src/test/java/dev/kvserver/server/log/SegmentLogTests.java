package dev.kvserver.server.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.storage.FileDisk;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SegmentLogTests {

	private final SimulatedDisk disk = LogFixture.newDisk();

	@Test
	void freshLogBeginsAtIndexOneAndTermTwo() {
		SegmentLog log = LogFixture.open(this.disk, true);
		assertThat(log.lastIndex()).isZero();
		assertThat(log.term()).isEqualTo(2);
		assertThat(LogFixture.replay(log, 0)).isEmpty();
	}

	@Test
	void entriesAreReplayedAfterARestartInTheNextTerm() {
		SegmentLog log = LogFixture.open(this.disk, true);
		LogFixture.append(log, 3);
		LogFixture.append(log, 1);
		log.close();
		SegmentLog restarted = LogFixture.open(this.disk, false);
		assertThat(restarted.lastIndex()).isEqualTo(4);
		assertThat(restarted.term()).isEqualTo(3);
		LogFixture.append(restarted, 2);
		restarted.close();
		SegmentLog again = LogFixture.open(this.disk, false);
		assertThat(again.term()).isEqualTo(4);
		List<LogEntry> entries = LogFixture.replay(again, 0);
		assertThat(entries).extracting(LogEntry::index).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
		assertThat(entries).extracting(LogEntry::term).containsExactly(2L, 2L, 2L, 2L, 3L, 3L);
		assertThat(entries).allMatch((entry) -> entry.request().equals(LogFixture.request(entry.index())));
		assertThat(entries).allMatch((entry) -> entry.completion() == null);
	}

	@Test
	void termGrowsWithEachStartEvenIfNothingIsAppended() {
		LogFixture.open(this.disk, true).close();
		for (long term = 3; term < 100; term++) {
			SegmentLog log = LogFixture.open(this.disk, false);
			assertThat(log.term()).isEqualTo(term);
			log.close();
		}
	}

	@Test
	void appendIsOneSyncHoweverManyEntriesItHas() {
		SegmentLog log = LogFixture.open(this.disk, true);
		int forces = this.disk.forces();
		LogFixture.append(log, 1);
		LogFixture.append(log, 5);
		assertThat(this.disk.forces()).isEqualTo(forces + 2);
	}

	@Test
	void appendDoesNotChangeTheSizeOfTheFile() {
		SegmentLog log = LogFixture.open(this.disk, true);
		Path segment = this.disk.list(LogFixture.DIRECTORY).get(0);
		LogFixture.append(log, 5);
		assertThat(this.disk.content(segment)).hasSize((int) LogFixture.SEGMENT_BYTES);
	}

	@Test
	void replayBeginsBehindTheGivenIndex() {
		SegmentLog log = LogFixture.open(this.disk, true);
		for (int i = 0; i < 20; i++) {
			LogFixture.append(log, 3);
		}
		log.close();
		for (long after = 0; after <= 60; after++) {
			SegmentLog restarted = LogFixture.open(this.disk.copy(), false);
			List<LogEntry> entries = LogFixture.replay(restarted, after);
			assertThat(entries).hasSize((int) (60 - after));
			if (!entries.isEmpty()) {
				assertThat(entries.get(0).index()).isEqualTo(after + 1);
			}
		}
	}

	@Test
	void replayComesInBoundedBatches() {
		SegmentLog log = SegmentLog.open(this.disk, LogFixture.DIRECTORY, 1 << 20, true);
		LogFixture.append(log, 2_500);
		log.close();
		List<Integer> sizes = new ArrayList<>();
		SegmentLog.open(this.disk, LogFixture.DIRECTORY, 1 << 20, false).replay(0, (batch) -> sizes.add(batch.size()));
		assertThat(sizes).allMatch((size) -> size <= 1_000);
		assertThat(sizes.stream().mapToInt((size) -> size).sum()).isEqualTo(2_500);
	}

	@Test
	void logGoesOnInNewSegmentsAndForgetsOldOnes() {
		SegmentLog log = LogFixture.open(this.disk, true);
		for (int i = 0; i < 100; i++) {
			LogFixture.append(log, 2);
			if (i % 3 == 0) {
				log.prepare();
			}
		}
		int segments = this.disk.list(LogFixture.DIRECTORY).size();
		assertThat(segments).isGreaterThan(4);
		log.truncateBefore(1);
		assertThat(this.disk.list(LogFixture.DIRECTORY)).hasSize(segments);
		log.truncateBefore(150);
		assertThat(this.disk.list(LogFixture.DIRECTORY)).hasSizeLessThan(segments);
		log.close();
		SegmentLog restarted = LogFixture.open(this.disk, false);
		assertThat(restarted.lastIndex()).isEqualTo(200);
		assertThat(LogFixture.replay(restarted, 149)).hasSize(51);
		assertThatThrownBy(() -> LogFixture.replay(restarted, 0)).isInstanceOf(StorageException.class)
			.hasMessageContaining("begins at index")
			.hasMessageContaining("applied index 0");
	}

	@Test
	void everythingForgottenStillTellsIndexAndTerm() {
		SegmentLog log = LogFixture.open(this.disk, true);
		for (int i = 0; i < 50; i++) {
			LogFixture.append(log, 2);
		}
		log.truncateBefore(Long.MAX_VALUE);
		log.close();
		assertThat(LogRecovery.segments(this.disk, LogFixture.DIRECTORY)).hasSize(1);
		SegmentLog restarted = LogFixture.open(this.disk, false);
		assertThat(restarted.lastIndex()).isEqualTo(100);
		assertThat(restarted.term()).isEqualTo(3);
		assertThat(LogFixture.replay(restarted, 100)).isEmpty();
	}

	@Test
	void storeAheadOfTheLogIsRefused() {
		SegmentLog log = LogFixture.open(this.disk, true);
		LogFixture.append(log, 3);
		assertThatThrownBy(() -> LogFixture.replay(log, 4)).isInstanceOf(StorageException.class)
			.hasMessageContaining("ends at index 3")
			.hasMessageContaining("applied index 4");
	}

	@Test
	void batchLargerThanASegmentGetsASegmentOfItsOwn() {
		SegmentLog log = LogFixture.open(this.disk, true);
		InternalRaftRequest large = InternalRaftRequest.newBuilder()
			.setPut(PutRequest.newBuilder().setValue(ByteString.copyFrom(new byte[100_000])))
			.build();
		log.append(List.of(new LogEntry(1, log.term(), large, null)));
		LogFixture.append(log, 1);
		log.append(List.of(new LogEntry(3, log.term(), large, null)));
		log.close();
		SegmentLog restarted = LogFixture.open(this.disk, false);
		assertThat(LogFixture.replay(restarted, 0)).extracting(LogEntry::request)
			.containsExactly(large, LogFixture.request(2), large);
	}

	@Test
	void wrongIndexIsRefusedAndTheLogGoesOn() {
		SegmentLog log = LogFixture.open(this.disk, true);
		LogEntry gap = new LogEntry(2, log.term(), LogFixture.request(2), null);
		assertThatIllegalArgumentException().isThrownBy(() -> log.append(List.of(gap)));
		LogFixture.append(log, 1);
	}

	@Test
	void absentLogIsRefusedUnlessTheServerIsFresh() {
		assertThatThrownBy(() -> LogFixture.open(this.disk, false)).isInstanceOf(StorageException.class)
			.hasMessageContaining(LogFixture.DIRECTORY.toString())
			.hasMessageContaining("no segment");
	}

	@Test
	void presentLogIsRefusedIfTheServerIsFreshUnlessItIsEmpty() {
		LogFixture.open(this.disk, true).close();
		SegmentLog log = LogFixture.open(this.disk, true);
		LogFixture.append(log, 1);
		log.close();
		assertThatThrownBy(() -> LogFixture.open(this.disk, true)).isInstanceOf(StorageException.class)
			.hasMessageContaining("not known here");
	}

	@Test
	void sameFilesOnTheRealDisk(@TempDir Path directory) {
		try (SegmentLog log = SegmentLog.open(new FileDisk(), directory, LogFixture.SEGMENT_BYTES, true)) {
			log.prepare();
			for (int i = 0; i < 100; i++) {
				LogFixture.append(log, 2);
			}
			log.truncateBefore(100);
		}
		try (SegmentLog log = SegmentLog.open(new FileDisk(), directory, LogFixture.SEGMENT_BYTES, false)) {
			List<LogEntry> entries = LogFixture.replay(log, 99);
			assertThat(entries).hasSize(101);
			assertThat(entries).allMatch((entry) -> entry.request().equals(LogFixture.request(entry.index())));
		}
	}

}
