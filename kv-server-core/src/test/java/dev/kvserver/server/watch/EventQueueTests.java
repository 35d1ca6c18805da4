package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.kvserver.server.mvcc.EventBatch;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.StoreView;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.storage.MemoryStorage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link EventQueue}. */
class EventQueueTests {

	private static final int QUEUE_BYTES = 1 << 20;

	private final MvccStore store = MvccStore.open(new MemoryStorage(), new MvccOptions(0, 1));

	@Test
	void whatDoesNotFitIsLeftOutAndTheViewGoesOn() {
		EventQueue queue = new EventQueue(2, QUEUE_BYTES, this.store.view());
		queue.setWatched(true);
		for (int i = 0; i < 4; i++) {
			put(queue);
		}
		assertThat(queue.newest().revision()).isEqualTo(5);
		assertThat(drain(queue)).containsExactly(2L, 3L);
		put(queue);
		assertThat(drain(queue)).containsExactly(6L);
	}

	@Test
	void bytesAreBoundedToo() {
		EventQueue queue = new EventQueue(100, 500, this.store.view());
		queue.setWatched(true);
		for (int i = 0; i < 4; i++) {
			put(queue);
		}
		assertThat(drain(queue)).containsExactly(2L, 3L);
		put(queue);
		assertThat(drain(queue)).containsExactly(6L);
	}

	@Test
	void nothingIsKeptWhileNobodyWatches() {
		EventQueue queue = new EventQueue(100, QUEUE_BYTES, this.store.view());
		put(queue);
		assertThat(queue.newest().revision()).isEqualTo(2);
		queue.setWatched(true);
		put(queue);
		assertThat(drain(queue)).containsExactly(3L);
	}

	/** Two threads, a queue that is nearly always full: nothing twice, nothing late. */
	@Test
	@Timeout(60)
	void whoReadsTheViewFirstMissesOnlyWhatWasLeftOut() throws InterruptedException {
		EventQueue queue = new EventQueue(3, QUEUE_BYTES, this.store.view());
		queue.setWatched(true);
		int puts = 100_000;
		AtomicBoolean failed = new AtomicBoolean();
		Thread producer = new Thread(() -> {
			for (int i = 0; i < puts; i++) {
				put(queue);
			}
		});
		producer.setUncaughtExceptionHandler((thread, ex) -> failed.set(true));
		producer.start();
		long last = 1;
		long seen = 0;
		while (last < puts + 1 && !failed.get()) {
			long target = queue.newest().revision();
			for (EventBatch batch = queue.peek(); batch != null; batch = queue.peek()) {
				assertThat(batch.revision()).isGreaterThan(last);
				queue.remove(batch);
				last = batch.revision();
				seen++;
			}
			last = Math.max(last, target);
		}
		producer.join();
		assertThat(failed).isFalse();
		assertThat(seen).isPositive();
	}

	private void put(EventQueue queue) {
		WriteTxn txn = this.store.begin();
		txn.put(WatchFixture.bytes("k"), WatchFixture.bytes("v"), 0);
		txn.end();
		StoreView view = this.store.commit(1, 1);
		queue.offer(view, this.store.takeEvents());
	}

	private static List<Long> drain(EventQueue queue) {
		List<Long> revisions = new ArrayList<>();
		for (EventBatch batch = queue.peek(); batch != null; batch = queue.peek()) {
			queue.remove(batch);
			revisions.add(batch.revision());
		}
		return revisions;
	}

}
