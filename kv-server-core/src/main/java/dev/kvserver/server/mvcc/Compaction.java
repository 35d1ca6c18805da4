package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.WriteBatch;
import org.jspecify.annotations.Nullable;

/**
 * Removes, a bounded number of keys at a time, what lies below the compact revision: from
 * the index, and from the storage what the index let go of. etcd walks the stored history
 * and asks a set of kept revisions; walking the index needs neither, since each key knows
 * its own revisions.
 * <p>
 * The compacted revision is unreadable from the moment it is scheduled, so it does not
 * matter when the removal happens. After a crash in between it starts again from the
 * first key; what is gone already is not found again. Apply thread only.
 */
final class Compaction {

	/** The revision being compacted at, or -1. */
	private long active = -1;

	/** The highest revision scheduled since, or -1. */
	private long next = -1;

	/** The first key of the next step. */
	private byte[] position = {};

	private List<Runnable> waiting = new ArrayList<>();

	private List<Runnable> waitingForNext = new ArrayList<>();

	Compaction(long unfinished) {
		this.active = unfinished;
	}

	void schedule(long revision, @Nullable Runnable whenDone) {
		if (!isActive()) {
			this.active = revision;
			this.position = new byte[0];
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

	/** Looks at up to {@code keysMax} keys; returns whom to tell once it is written. */
	List<Runnable> step(TreeIndex.Editor index, WriteBatch batch, int keysMax) {
		TreeIndex.Cursor cursor = index.peek().cursor(this.position);
		List<KeyIndex> found = new ArrayList<>();
		for (int i = 0; i < keysMax; i++) {
			KeyIndex key = cursor.next();
			if (key == null) {
				compact(found, index, batch);
				return finish(batch);
			}
			this.position = key.key();
			if (key.isCompactable(this.active)) {
				found.add(key);
			}
		}
		compact(found, index, batch);
		this.position = after(this.position);
		return List.of();
	}

	private void compact(List<KeyIndex> keys, TreeIndex.Editor index, WriteBatch batch) {
		KeyIndex.RevisionConsumer removed = (main, sub, tombstone) -> batch.delete(Bucket.KEY,
				Revision.encode(main, sub, tombstone));
		for (int i = 0; i < keys.size(); i++) {
			KeyIndex key = keys.get(i);
			KeyIndex left = key.compact(this.active, removed);
			if (left == null) {
				index.remove(key.key());
			}
			else {
				index.put(left);
			}
		}
	}

	private List<Runnable> finish(WriteBatch batch) {
		batch.put(Bucket.META, MetaKeys.FINISHED_COMPACT_REV, Revision.encode(this.active, 0, false));
		List<Runnable> done = this.waiting;
		this.active = this.next;
		this.next = -1;
		this.position = new byte[0];
		this.waiting = this.waitingForNext;
		this.waitingForNext = new ArrayList<>();
		return done;
	}

	private static byte[] after(byte[] key) {
		return Arrays.copyOf(key, key.length + 1);
	}

}
