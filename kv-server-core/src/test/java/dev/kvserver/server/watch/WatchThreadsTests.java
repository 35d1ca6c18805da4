package dev.kvserver.server.watch;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.server.loop.LoopThread;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.storage.MemoryStorage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The loop on a thread of its own, a writer that never waits for it, and streams that
 * come, stall and go meanwhile: nothing is lost at the hand-over, and nobody sleeps while
 * there is something to do.
 */
@Timeout(120)
class WatchThreadsTests {

	private static final int WRITES = 20_000;

	private static final int STREAMS = 40;

	private final MvccStore store = MvccStore.open(new MemoryStorage(), new MvccOptions(1 << 20, 100));

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	private final CountDownLatch finished = new CountDownLatch(STREAMS);

	@RepeatedTest(5)
	void streamsThatComeWhileItIsWrittenMissNothing(RepetitionInfo repetition) throws InterruptedException {
		WatchLoop loop = new WatchLoop(this.store.view(), () -> WatchFixture.HEADER, WatchFixture.smallBounds(),
				System::nanoTime, 1);
		try (LoopThread thread = new LoopThread("test-watch", loop, this.failure::set)) {
			loop.onWork(thread::wakeUp);
			thread.start();
			Thread writer = new Thread(() -> write(loop));
			writer.start();
			List<CountingSink> sinks = open(loop, new SplittableRandom(repetition.getCurrentRepetition()));
			writer.join();
			while (!this.finished.await(10, TimeUnit.MILLISECONDS) && this.failure.get() == null) {
				sinks.forEach(CountingSink::check);
			}
			sinks.forEach(CountingSink::check);
		}
		assertThat(this.failure.get()).isNull();
	}

	private List<CountingSink> open(WatchLoop loop, SplittableRandom random) {
		List<CountingSink> sinks = new ArrayList<>();
		for (int i = 0; i < STREAMS; i++) {
			boolean fromStart = i % 2 == 0;
			CountingSink sink = new CountingSink(random.nextInt(1, 5_000), fromStart);
			WatchStream stream = loop.open(sink, WatchAuthorizer.ALLOW_ALL);
			sink.stream = stream;
			stream.request(WatchRequest.newBuilder()
				.setCreateRequest(WatchFixture.watchAll().setStartRevision(fromStart ? 1 : 0))
				.build());
			sinks.add(sink);
			// Now and then nobody is left, so that the loop sleeps through some writes.
			if (random.nextInt(3) == 0) {
				WatchStream passing = loop.open(new RecordingSink(), WatchAuthorizer.ALLOW_ALL);
				passing.request(WatchRequest.newBuilder().setCreateRequest(WatchFixture.watchAll()).build());
				passing.close();
			}
		}
		return sinks;
	}

	private void write(WatchLoop loop) {
		for (int i = 0; i < WRITES; i++) {
			WriteTxn txn = this.store.begin();
			txn.put(WatchFixture.bytes("k" + i % 10), WatchFixture.bytes("v" + i), 0);
			txn.end();
			loop.published(this.store.commit(i + 1, 1), this.store.takeEvents());
		}
	}

	/** Checks that revisions come without a gap; is not ready now and then. */
	private final class CountingSink implements WatchSink {

		private final int windowBytes;

		private final boolean fromStart;

		@Nullable WatchStream stream;

		private int sent;

		private long next;

		private volatile @Nullable AssertionError wrong;

		CountingSink(int windowBytes, boolean fromStart) {
			this.windowBytes = windowBytes;
			this.fromStart = fromStart;
		}

		@Override
		public boolean isReady() {
			boolean ready = this.sent < this.windowBytes;
			if (!ready) {
				this.sent = 0;
				if (this.stream != null) {
					this.stream.ready();
				}
			}
			return ready;
		}

		@Override
		public void send(ResponseBatch batch) {
			this.sent += batch.sizeBytes();
			for (int i = 0; i < batch.count(); i++) {
				WatchResponse response = parse(batch, i);
				if (response.getCreated()) {
					created(response.getHeader().getRevision());
				}
				for (Event event : response.getEventsList()) {
					take(event.getKv().getModRevision());
				}
			}
		}

		private void created(long revision) {
			this.next = this.fromStart ? 2 : revision + 1;
			if (!this.fromStart && revision == WRITES + 1) {
				WatchThreadsTests.this.finished.countDown();
			}
		}

		private void take(long revision) {
			if (revision != this.next) {
				this.wrong = new AssertionError("revision: " + revision + " (expected: " + this.next + ")");
			}
			this.next = revision + 1;
			if (revision == WRITES + 1) {
				WatchThreadsTests.this.finished.countDown();
			}
		}

		private static WatchResponse parse(ResponseBatch batch, int index) {
			try {
				return WatchResponse.parser()
					.parseFrom(batch.array(), batch.start(index), batch.end(index) - batch.start(index));
			}
			catch (InvalidProtocolBufferException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		void check() {
			AssertionError found = this.wrong;
			if (found != null) {
				throw found;
			}
		}

		@Override
		public void handled(int requests) {
		}

		@Override
		public void ended() {
		}

	}

}
