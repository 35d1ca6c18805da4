package dev.kvserver.server.mvcc;

import java.util.function.Supplier;

import dev.kvserver.server.error.EtcdError;

/** Hashes the history as of a revision, from the disk unless the hash is known. */
final class HashQuery {

	private HashQuery() {
	}

	/**
	 * Answers a query; see {@link MvccStore#hash}.
	 * @param atRevision the last revision to hash, 0 for the current one
	 * @param hashes the hashes that are known
	 * @param newest gives the newest view
	 */
	static KvHash answer(long atRevision, CompactionHashes hashes, Supplier<StoreView> newest) {
		KvHash known = hashes.find(atRevision);
		if (known != null) {
			return new KvHash(known.hash(), known.revision(), known.compactRevision(), newest.get().revision());
		}
		while (true) {
			StoreView now = newest.get();
			if (atRevision > 0 && atRevision < now.compactRevision()) {
				throw EtcdError.COMPACTED.exception();
			}
			if (atRevision > now.revision()) {
				throw EtcdError.FUTURE_REV.exception();
			}
			long last = (atRevision != 0) ? atRevision : now.revision();
			int hash = new KvHasher(now, now.compactRevision(), last).compute();
			if (newest.get().compactRevision() == now.compactRevision()) {
				return new KvHash(hash, last, now.compactRevision(), now.revision());
			}
		}
	}

}
