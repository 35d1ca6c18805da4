package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hashes of the newest compactions. etcd's members compare their histories by them:
 * each hashes what a compaction sees, everything since the compaction before included,
 * and they ask each other for the hash at exactly that revision.
 * <p>
 * etcd hashes and removes in one go. Here the hash is computed first, on a background
 * thread, and the removal waits for it: what is removed can not be hashed any more, and
 * the apply thread has no time for reading everything. Answers to etcd's
 * {@code mvcc/hash.go}.
 */
final class CompactionHashes {

	private static final int COUNT_MAX = 10;

	private static final Logger logger = LoggerFactory.getLogger(CompactionHashes.class);

	private final BackgroundJobs jobs;

	/** In order of their revision. */
	private volatile List<KvHash> newest = List.of();

	/** Computed, while its compaction is not finished. */
	private volatile @Nullable KvHash pending;

	CompactionHashes(BackgroundJobs jobs) {
		this.jobs = jobs;
	}

	/**
	 * Starts hashing for a compaction. Apply thread.
	 * @param view a view in which the compaction is published
	 * @param previous the compact revision before, whose removal is complete
	 * @param at the revision compacted at, none of which is removed yet
	 * @param whenDone run when the removal may begin, by whoever did the hashing
	 */
	void start(StoreView view, long previous, long at, Runnable whenDone) {
		this.jobs.start((stopped) -> {
			try {
				compute(view, previous, at, stopped);
			}
			finally {
				whenDone.run();
			}
		}, whenDone);
	}

	private void compute(StoreView view, long previous, long at, BooleanSupplier stopped) {
		try {
			int hash = new KvHasher(view, previous, at).computeForCompaction(stopped);
			if (!stopped.getAsBoolean()) {
				this.pending = new KvHash(hash, at, previous, view.revision());
			}
		}
		catch (StorageException ex) {
			logger.warn("The history up to the compaction at revision {} could not be hashed", at, ex);
		}
	}

	/** Makes the hash of a compaction known, now that its removal is complete. */
	void finished(long at) {
		KvHash hash = this.pending;
		this.pending = null;
		if (hash != null && hash.revision() == at) {
			List<KvHash> hashes = new ArrayList<>(this.newest);
			hashes.add(hash);
			int surplus = Math.max(0, hashes.size() - COUNT_MAX);
			this.newest = List.copyOf(hashes.subList(surplus, hashes.size()));
		}
	}

	/** The hash of the compaction at exactly a revision. Any thread. */
	@Nullable KvHash find(long revision) {
		List<KvHash> hashes = this.newest;
		for (int i = 0; i < hashes.size(); i++) {
			if (hashes.get(i).revision() == revision) {
				return hashes.get(i);
			}
		}
		return null;
	}

}
