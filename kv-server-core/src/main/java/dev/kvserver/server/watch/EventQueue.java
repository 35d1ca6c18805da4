package dev.kvserver.server.watch;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

import dev.kvserver.server.mvcc.EventBatch;
import dev.kvserver.server.mvcc.StoreView;
import org.jspecify.annotations.Nullable;

/**
 * Hands events from the apply thread to the loop. The apply thread must never wait, and
 * no event may be lost: so a revision that does not fit is simply left out. The loop
 * notices, because revisions have no gaps, and reads it from the store, where it is
 * anyway.
 * <p>
 * The view is published after its revisions were offered. Whoever reads the view first
 * and then the queue finds in it each revision of the view that was not left out.
 *
 * <pre>
 *   offered 5 6 (7 and 8: full) 9, view at 9      the loop takes 5 6, reads 7 8, takes 9
 * </pre>
 *
 * One thread offers, one takes.
 */
final class EventQueue {

	private final AtomicReferenceArray<@Nullable EventBatch> ring;

	private final long bytesMax;

	/** Bytes that wait: added by the one thread, taken off by the other. */
	private final AtomicLong bytes = new AtomicLong();

	private volatile StoreView newest;

	private volatile boolean watched;

	/** Where the next batch goes. Apply thread. */
	private int tail;

	/** Where the next batch comes from. Loop thread. */
	private int head;

	EventQueue(int revisionsMax, long bytesMax, StoreView view) {
		this.ring = new AtomicReferenceArray<>(revisionsMax);
		this.bytesMax = bytesMax;
		this.newest = view;
	}

	/**
	 * Adds what fits, or only the view while nobody watches. Apply thread; never blocks.
	 * Returns whether the loop has to know: a watcher that comes just now either finds
	 * the view, or has set the flag that is read here after the view was written.
	 */
	boolean offer(StoreView view, List<EventBatch> batches) {
		boolean watched = this.watched;
		for (int i = 0; watched && i < batches.size(); i++) {
			offer(batches.get(i));
		}
		this.newest = view;
		return watched || this.watched;
	}

	/** Sets whether there is anybody to hand events to. Loop thread. */
	void setWatched(boolean watched) {
		if (watched != this.watched) {
			this.watched = watched;
		}
	}

	private void offer(EventBatch batch) {
		int size = batch.sizeBytes();
		if (this.ring.getAcquire(this.tail) != null || this.bytes.get() + size > this.bytesMax) {
			return;
		}
		this.bytes.addAndGet(size);
		this.ring.setRelease(this.tail, batch);
		this.tail = next(this.tail);
	}

	/** The newest view. Any thread. */
	StoreView newest() {
		return this.newest;
	}

	/** The oldest batch, left where it is. Loop thread. */
	@Nullable EventBatch peek() {
		return this.ring.getAcquire(this.head);
	}

	/** Takes the batch just seen. Loop thread. */
	void remove(EventBatch seen) {
		this.ring.setRelease(this.head, null);
		this.head = next(this.head);
		this.bytes.addAndGet(-seen.sizeBytes());
	}

	private int next(int place) {
		return (place + 1 == this.ring.length()) ? 0 : place + 1;
	}

}
