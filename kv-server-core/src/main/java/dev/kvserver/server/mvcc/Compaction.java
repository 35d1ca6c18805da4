package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.metrics.CompactionMetrics;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.WriteBatch;
import org.jspecify.annotations.Nullable;

/**
 * Removes, a bounded piece at a time, what lies below the compact revision: from the
 * index, and from the storage what the index let go of. etcd walks the stored history and
 * asks a set of kept revisions; walking the index needs neither, since each key knows its
 * own revisions.
 * <p>
 * A key may have more revisions than one step may remove. Then they are removed from the
 * storage over several steps, oldest first, and the key gets its new state in the index
 * with the last of them.
 * <p>
 * The compacted revision is unreadable from the moment it is published, so it does not
 * matter when the removal happens; it begins after that and after the history has been
 * hashed. After a crash in between it starts again from the first key; what is gone
 * already is not found again. Apply thread only.
 */
final class Compaction {

	private static final long NOT_HASHED = Long.MIN_VALUE;

	private final Replaced replaced;

	private final @Nullable CompactionHashes hashes;

	private final Runnable whenReady;

	private final CompactionMetrics metrics;

	/** When the first step of the active one began; of no meaning before. */
	private long begin;

	/** How long its steps have taken; below 0 before the first. */
	private long busyNanos = -1;

	/** The revision being compacted at, or -1. */
	private long active = -1;

	/**
	 * The compact revision before. As in etcd there is no hash if its removal was still
	 * under way: then the history between the two is not known to be whole.
	 */
	private long previous = NOT_HASHED;

	/** Whether readers know of the compaction; before that nothing is done. */
	private boolean published;

	/**
	 * Whether the history has been hashed, or will not be; set by a background thread.
	 */
	private volatile boolean hashed;

	/** The highest revision scheduled since, or -1. */
	private long next = -1;

	/** The first key of the next step. */
	private byte[] position = {};

	/** How many revisions of that key are removed already. */
	private int removedAtPosition;

	private List<Runnable> waiting = new ArrayList<>();

	private List<Runnable> waitingForNext = new ArrayList<>();

	/**
	 * Makes an idle compaction.
	 * @param hashes where the hash of each compaction is kept; {@code null} for none
	 * @param whenReady run by any thread when {@link #isReady} has become true
	 * @param replaced told about what is replaced in the index
	 * @param metrics count what is removed
	 */
	Compaction(@Nullable CompactionHashes hashes, Runnable whenReady, Replaced replaced, CompactionMetrics metrics) {
		this.metrics = metrics;
		this.hashes = hashes;
		this.whenReady = whenReady;
		this.replaced = replaced;
	}

	/** Takes up what a stop has interrupted. */
	void resume(long revision) {
		this.active = revision;
	}

	void schedule(long revision, long previous, @Nullable Runnable whenDone) {
		if (!isActive()) {
			this.active = revision;
			this.previous = previous;
		}
		else {
			this.next = revision;
		}
		if (whenDone != null) {
			((this.next < 0) ? this.waiting : this.waitingForNext).add(whenDone);
		}
	}

	boolean isActive() {
		return this.active >= 0;
	}

	/** Whether {@link #step} may be called. */
	boolean isReady() {
		return isActive() && this.published && this.hashed;
	}

	/** Told about each new view. */
	void published(StoreView view) {
		if (!isActive() || this.published || this.active > view.compactRevision()) {
			return;
		}
		this.published = true;
		if (this.hashes == null || this.previous == NOT_HASHED) {
			this.hashed = true;
			return;
		}
		this.hashes.start(view, this.previous, this.active, () -> {
			this.hashed = true;
			this.whenReady.run();
		});
	}

	/**
	 * Removes up to {@code limit} revisions, above 0, a key that keeps all of its own
	 * counting as one; returns whom to tell once it is written.
	 */
	List<Runnable> step(TreeIndex.Editor index, WriteBatch batch, int limit) {
		long stepBegin = Histogram.begin();
		if (this.busyNanos < 0) {
			this.begin = stepBegin;
			this.busyNanos = 0;
		}
		boolean ended = remove(index, batch, limit);
		long nanos = Histogram.begin() - stepBegin;
		this.metrics.pauses().observe(nanos);
		this.busyNanos += nanos;
		return ended ? finish(batch) : List.of();
	}

	/** Removes as much; returns whether that was all. */
	private boolean remove(TreeIndex.Editor index, WriteBatch batch, int limit) {
		TreeIndex.Cursor cursor = index.peek().cursor(this.position);
		List<KeyIndex> done = new ArrayList<>();
		int left = limit;
		KeyIndex key = cursor.next();
		while (key != null && left > 0) {
			int goes = key.countCompactable(this.active);
			int end = Math.min(goes, this.removedAtPosition + left);
			left -= Math.max(1, end - this.removedAtPosition);
			for (int i = this.removedAtPosition; i < end; i++) {
				batch.delete(Bucket.KEY, key.storedKey(i));
			}
			if (end > this.removedAtPosition) {
				this.metrics.keys().add(end - this.removedAtPosition);
			}
			this.removedAtPosition = (end < goes) ? end : 0;
			if (end < goes) {
				break;
			}
			if (goes > 0) {
				done.add(key);
			}
			key = cursor.next();
		}
		for (int i = 0; i < done.size(); i++) {
			replace(done.get(i), index);
		}
		if (key == null) {
			return true;
		}
		this.position = key.key();
		return false;
	}

	private void replace(KeyIndex key, TreeIndex.Editor index) {
		KeyIndex left = key.compact(this.active);
		if (left == null) {
			index.remove(key.key());
		}
		else {
			index.put(left);
		}
		this.replaced.replaced(key, left);
	}

	private List<Runnable> finish(WriteBatch batch) {
		this.metrics.ended(this.begin, this.busyNanos);
		this.busyNanos = -1;
		batch.put(Bucket.META, MetaKeys.FINISHED_COMPACT_REV, Revision.encode(this.active, 0, false));
		if (this.hashes != null) {
			this.hashes.finished(this.active);
		}
		List<Runnable> done = this.waiting;
		this.active = this.next;
		this.previous = NOT_HASHED;
		this.published = false;
		this.hashed = false;
		this.next = -1;
		this.position = new byte[0];
		this.waiting = this.waitingForNext;
		this.waitingForNext = new ArrayList<>();
		return done;
	}

	/** Told about each state of a key that another takes the place of. */
	@FunctionalInterface
	interface Replaced {

		void replaced(KeyIndex before, @Nullable KeyIndex after);

	}

}
