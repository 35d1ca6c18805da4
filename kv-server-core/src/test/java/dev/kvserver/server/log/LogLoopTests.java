package dev.kvserver.server.log;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.LogMetrics;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LogLoopTests {

	private final CountingLog log = new CountingLog();

	private final List<List<LogEntry>> committed = new ArrayList<>();

	private long appliedIndex;

	private int wakeUps;

	@Test
	void allWaitingProposalsAreOneBatchWithOneSync() throws Exception {
		LogLoop loop = loop(LogLimits.DEFAULTS);
		List<Outcome> outcomes = propose(loop, 100);
		assertThat(loop.doWork()).isEqualTo(100);
		assertThat(this.log.appends).isEqualTo(1);
		assertThat(this.committed).hasSize(1);
		assertThat(loop.doWork()).isZero();
		assertThat(this.log.appends).isEqualTo(1);
		assertThat(outcomes).allMatch(Outcome::isOpen);
	}

	@Test
	void entriesAreInTheOrderOfTheirProposalsWithoutGaps() throws Exception {
		LogLoop loop = loop(LogLimits.DEFAULTS);
		propose(loop, 3);
		loop.doWork();
		propose(loop, 2);
		loop.doWork();
		List<LogEntry> entries = this.committed.stream().flatMap(List::stream).toList();
		assertThat(entries).extracting(LogEntry::index).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(entries).extracting(LogEntry::term).containsOnly(Log.FIRST_TERM);
		assertThat(entries).extracting((entry) -> entry.request().getPut().getKey().toStringUtf8())
			.containsExactly("0", "1", "2", "0", "1");
		assertThat(loop.committedIndex()).isEqualTo(5);
	}

	@Test
	void proposingWakesTheThread() {
		LogLoop loop = loop(LogLimits.DEFAULTS);
		propose(loop, 3);
		assertThat(this.wakeUps).isEqualTo(3);
	}

	@Test
	void batchIsCutAtItsSizeAndTheRestFollows() throws Exception {
		int size = put("0").getSerializedSize();
		LogLoop loop = loop(new LogLimits(1_000, 5_000, 1_000, 100_000, 2 * size));
		propose(loop, 5);
		assertThat(loop.doWork()).isEqualTo(2);
		propose(loop, 1);
		assertThat(loop.doWork()).isEqualTo(2);
		assertThat(loop.doWork()).isEqualTo(1);
		assertThat(loop.doWork()).isEqualTo(1);
		assertThat(loop.committedIndex()).isEqualTo(6);
	}

	@Test
	void requestAtTheLimitPassesAndOneByteMoreIsRefused() throws Exception {
		InternalRaftRequest request = put("key");
		int size = request.getSerializedSize();
		assertThat(propose(loop(LogLimits.DEFAULTS.withRequestBytesMax(size)), request).isOpen()).isTrue();
		assertThat(propose(loop(LogLimits.DEFAULTS.withRequestBytesMax(size - 1)), request).failure)
			.isSameAs(EtcdError.REQUEST_TOO_LARGE.exception());
	}

	@Test
	void proposalIsRefusedWhenApplyingIsTooFarBehind() throws Exception {
		LogLoop loop = loop(new LogLimits(1_000, 3, 1_000, 100_000, 100_000));
		propose(loop, 4);
		loop.doWork();
		assertThat(propose(loop, put("late")).failure).isSameAs(EtcdError.TOO_MANY_REQUESTS.exception());
		this.appliedIndex = 1;
		assertThat(propose(loop, put("in time")).isOpen()).isTrue();
	}

	@Test
	void overloadIsReportedBeforeTheSize() throws Exception {
		LogLoop loop = loop(new LogLimits(20, 1, 1_000, 100_000, 100_000));
		propose(loop, 2);
		loop.doWork();
		assertThat(propose(loop, put("a key that is too large")).failure)
			.isSameAs(EtcdError.TOO_MANY_REQUESTS.exception());
	}

	@Test
	void fullQueueRefusesByCountAndByBytes() throws Exception {
		int size = put("0").getSerializedSize();
		for (LogLimits limits : List.of(new LogLimits(1_000, 5_000, 2, 100_000, 100_000),
				new LogLimits(1_000, 5_000, 1_000, 2L * size, 100_000))) {
			LogLoop loop = loop(limits);
			List<Outcome> outcomes = propose(loop, 3);
			assertThat(outcomes).extracting(Outcome::isOpen).containsExactly(true, true, false);
			assertThat(outcomes.get(2).failure).isSameAs(EtcdError.TOO_MANY_REQUESTS.exception());
			assertThat(loop.doWork()).isEqualTo(2);
			assertThat(propose(loop, put("0")).isOpen()).isTrue();
		}
	}

	@Test
	void failedAppendRefusesItsBatchEverythingWaitingAndEverythingLater() {
		int size = put("0").getSerializedSize();
		LogLoop loop = loop(new LogLimits(1_000, 5_000, 1_000, 100_000, 2 * size));
		List<Outcome> outcomes = propose(loop, 4);
		this.log.failure = new StorageException("sync of log failed", null);
		assertThatThrownBy(loop::doWork).isSameAs(this.log.failure);
		outcomes.add(propose(loop, put("later")));
		assertThat(outcomes).extracting((outcome) -> outcome.failure).containsOnly(EtcdError.STOPPED.exception());
		assertThat(this.committed).isEmpty();
		assertThat(loop.committedIndex()).isZero();
	}

	@Test
	void failedReceiverAnswersForItsBatchAndTheRestIsRefused() {
		int size = put("0").getSerializedSize();
		LogLoop loop = new LogLoop(this.log, (batch) -> {
			throw new IllegalStateException("apply failed");
		}, () -> 0, new LogLimits(1_000, 5_000, 1_000, 100_000, size));
		List<Outcome> outcomes = propose(loop, 2);
		assertThatThrownBy(loop::doWork).hasMessage("apply failed");
		assertThat(outcomes.get(0).isOpen()).isTrue();
		assertThat(outcomes.get(1).failure).isSameAs(EtcdError.STOPPED.exception());
		assertThat(propose(loop, put("later")).failure).isSameAs(EtcdError.STOPPED.exception());
	}

	@Test
	void closingRefusesWhatWaitsAndWhatComesLater() throws Exception {
		LogLoop loop = loop(LogLimits.DEFAULTS);
		List<Outcome> outcomes = propose(loop, 2);
		loop.onClose();
		outcomes.add(propose(loop, put("later")));
		assertThat(outcomes).extracting((outcome) -> outcome.failure).containsOnly(EtcdError.STOPPED.exception());
		assertThat(loop.doWork()).isZero();
		loop.onClose();
	}

	@Test
	void readBarrierOfOneNodeIsPassedAtOnce() {
		List<String> calls = new ArrayList<>();
		new LocalReadBarrier().await(new ReadBarrier.Reader() {

			@Override
			public void ready() {
				calls.add("ready");
			}

			@Override
			public void failed(Throwable failure) {
				calls.add("failed");
			}

		});
		assertThat(calls).containsExactly("ready");
	}

	private LogLoop loop(LogLimits limits) {
		LogLoop loop = new LogLoop(this.log, this.committed::add, () -> this.appliedIndex, limits);
		loop.onProposed(() -> this.wakeUps++);
		return loop;
	}

	private static List<Outcome> propose(LogLoop loop, int count) {
		List<Outcome> outcomes = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			outcomes.add(propose(loop, put(Integer.toString(i))));
		}
		return outcomes;
	}

	private static Outcome propose(LogLoop loop, InternalRaftRequest request) {
		Outcome outcome = new Outcome();
		loop.propose(request, outcome);
		return outcome;
	}

	private static InternalRaftRequest put(String key) {
		return InternalRaftRequest.newBuilder()
			.setPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
			.build();
	}

	/** Remembers what it was told, and that it was told once. */
	private static final class Outcome implements Completion {

		private @Nullable Throwable failure;

		private boolean told;

		boolean isOpen() {
			return !this.told;
		}

		@Override
		public void done(Message response) {
			throw new AssertionError("nothing here applies");
		}

		@Override
		public void failed(Throwable failure) {
			assertThat(this.told).isFalse();
			this.told = true;
			this.failure = failure;
		}

	}

	/** Counts appends, each of which stands for one sync, and fails when told to. */
	private static final class CountingLog implements Log {

		private long lastIndex;

		private int appends;

		private @Nullable StorageException failure;

		@Override
		public long term() {
			return FIRST_TERM;
		}

		@Override
		public long lastIndex() {
			return this.lastIndex;
		}

		@Override
		public void append(List<LogEntry> batch) {
			if (this.failure != null) {
				throw this.failure;
			}
			this.appends++;
			this.lastIndex += batch.size();
		}

		@Override
		public LogMetrics metrics() {
			throw new AssertionError();
		}

		@Override
		public void replay(long afterIndex, CommitSink sink) {
			throw new AssertionError();
		}

		@Override
		public void truncateBefore(long index) {
			throw new AssertionError();
		}

		@Override
		public long appendedBytes() {
			return 0;
		}

		@Override
		public void prepare() {
			throw new AssertionError();
		}

		@Override
		public void close() {
			throw new AssertionError();
		}

	}

}
