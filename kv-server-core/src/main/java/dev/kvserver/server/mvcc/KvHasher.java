package dev.kvserver.server.mvcc;

import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;

/**
 * Computes the hash of {@link KvHash} (etcd-contract section 2.12, HashKV): over the name
 * of the bucket, then over every stored revision key and value up to a revision.
 * <p>
 * A compaction removes revisions in its own time, so what is still stored below the
 * compact revision must not matter: such a revision counts only if the removal keeps it
 * and a compaction at the revision asked for would keep it too. If that one would keep
 * nothing at all, etcd leaves its part of the rule out. Nor does the tombstone exactly at
 * the compact revision count, which some versions of etcd keep and others do not.
 */
final class KvHasher {

	/** How many changes are hashed before the hasher asks whether to stop. */
	private static final int CHANGES_PER_QUESTION = 1_000;

	private final CRC32C crc = new CRC32C();

	private final StoreView view;

	private final long compactRevision;

	private final long revision;

	/**
	 * Makes a hasher.
	 * @param view a view at {@code revision} or later
	 * @param compactRevision the compact revision that counts: that of the view, or the
	 * one before it while nothing has been removed above
	 * @param revision the last revision to hash
	 */
	KvHasher(StoreView view, long compactRevision, long revision) {
		this.view = view;
		this.compactRevision = compactRevision;
		this.revision = revision;
	}

	/** What HashKV answers where it has to compute. */
	int compute() {
		return compute(isAnyKept(false), () -> false);
	}

	/**
	 * What etcd computes in passing when it compacts at {@link #revision}; anything if it
	 * was stopped.
	 */
	int computeForCompaction(BooleanSupplier stopped) {
		return compute(isAnyKept(true), stopped);
	}

	private int compute(boolean anyKept, BooleanSupplier stopped) {
		this.crc.update("key".getBytes(StandardCharsets.US_ASCII));
		byte[] end = Revision.encode(Math.max(0, this.revision + 1), 0, false);
		long keptAt = anyKept ? this.revision : this.compactRevision;
		int untilQuestion = CHANGES_PER_QUESTION;
		try (Storage.Scan scan = this.view.values().storage().scan(Bucket.KEY, Revision.encode(0, 0, false), end)) {
			while (scan.next()) {
				byte[] key = scan.key();
				byte[] value = scan.value();
				if (counts(key, value, keptAt)) {
					this.crc.update(key);
					this.crc.update(value);
				}
				if (--untilQuestion == 0) {
					if (stopped.getAsBoolean()) {
						break;
					}
					untilQuestion = CHANGES_PER_QUESTION;
				}
			}
		}
		return (int) this.crc.getValue();
	}

	private boolean counts(byte[] key, byte[] value, long keptAt) {
		Revision at = Revision.decode(key);
		if (at.main() > this.compactRevision) {
			return true;
		}
		if (Revision.isTombstone(key)) {
			return false;
		}
		KeyIndex index = this.view.index().get(KeyValues.decodeKey(at.main(), at.sub(), value));
		return index != null && at.equals(index.at(keptAt));
	}

	/** Whether a compaction would keep anything; a tombstone counts if it is meant to. */
	private boolean isAnyKept(boolean orTombstone) {
		TreeIndex.Cursor cursor = this.view.index().cursor(new byte[0]);
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			if (key.isLiveAt(this.revision) || (orTombstone && key.isDeletedAt(this.revision))) {
				return true;
			}
		}
		return false;
	}

}
