package dev.kvserver.server.mvcc;

import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * The store as it is at one revision. Immutable: it may be read by any thread, without
 * lock, for as long as anybody holds it. Only what a later compaction removes may go
 * missing; then a read fails as if the revision were compacted.
 * <p>
 * Reads come from memory where the index has the answer (counts, keys, revisions, cached
 * values) and block on the disk otherwise.
 */
public final class StoreView {

	private final Values values;

	private final TreeIndex index;

	private final long revision;

	private final long compactRevision;

	private final long appliedIndex;

	private final long appliedTerm;

	StoreView(Values values, TreeIndex index, long revision, long compactRevision, long appliedIndex,
			long appliedTerm) {
		this.values = values;
		this.index = index;
		this.revision = revision;
		this.compactRevision = compactRevision;
		this.appliedIndex = appliedIndex;
		this.appliedTerm = appliedTerm;
	}

	/**
	 * The current revision of this view.
	 * @return the revision, 1 for an empty store
	 */
	public long revision() {
		return this.revision;
	}

	/**
	 * The revision below which history is gone.
	 * @return the compact revision, -1 if the store was never compacted
	 */
	public long compactRevision() {
		return this.compactRevision;
	}

	/**
	 * The last log entry whose effect this view holds.
	 * @return the index, 0 for none
	 */
	public long appliedIndex() {
		return this.appliedIndex;
	}

	/**
	 * The term of that entry.
	 * @return the term
	 */
	public long appliedTerm() {
		return this.appliedTerm;
	}

	/**
	 * The number of live keys.
	 * @return the number
	 */
	public long keyCount() {
		return this.index.live();
	}

	/**
	 * How many keys of a range exist at this view's revision: O(log n).
	 * @param range the range
	 * @return the number of live keys in it
	 */
	public long count(KeyRange range) {
		if (range.isSingle()) {
			return (live(range.start()) != null) ? 1 : 0;
		}
		return range.isEmpty() ? 0 : this.index.count(range.start(), range.end());
	}

	/**
	 * Reads one key at this view's revision.
	 * @param key the key
	 * @return the key value, or {@code null} if the key does not exist
	 */
	public @Nullable KeyValue get(byte[] key) {
		KeyIndex found = live(key);
		return (found != null) ? this.values.keyValue(found) : null;
	}

	/**
	 * Reads one key as it was at an earlier revision.
	 * @param key the key
	 * @param atRevision the revision, at most this view's
	 * @return the key value, or {@code null} if the key did not exist then or that
	 * revision has been compacted
	 */
	public @Nullable KeyValue getAt(byte[] key, long atRevision) {
		KeyIndex found = this.index.get(key);
		if (found == null || atRevision < this.compactRevision) {
			return null;
		}
		try {
			return keyValueAt(found, atRevision);
		}
		catch (StaleViewException ex) {
			return null;
		}
	}

	@Nullable KeyValue keyValueAt(KeyIndex key, long atRevision) {
		if (key.modRevision() <= atRevision) {
			return key.isLive() ? this.values.keyValue(key) : null;
		}
		Revision at = key.at(atRevision);
		return (at != null) ? this.values.keyValue(at) : null;
	}

	/**
	 * Walks the changes of a stretch of history in order. Blocks on the disk.
	 * @param from the first main revision, at least the compact revision
	 * @param last the last main revision, inclusive
	 * @param consumer takes each change; returning {@code false} ends the walk
	 */
	public void history(long from, long last, ChangeConsumer consumer) {
		byte[] start = Revision.encode(from, 0, false);
		byte[] end = Revision.encode(last + 1, 0, false);
		try (Storage.Scan scan = this.values.storage().scan(Bucket.KEY, start, end)) {
			while (scan.next()) {
				byte[] key = scan.key();
				Revision at = Revision.decode(key);
				KeyValue stored = KeyValues.decode(at.main(), at.sub(), scan.value());
				if (!consumer.accept(at.main(), Revision.isTombstone(key), stored)) {
					return;
				}
			}
		}
	}

	@Nullable KeyIndex live(byte[] key) {
		KeyIndex found = this.index.get(key);
		return (found != null && found.isLive()) ? found : null;
	}

	TreeIndex index() {
		return this.index;
	}

	Values values() {
		return this.values;
	}

	/** Takes changes in order of their revision. */
	@FunctionalInterface
	public interface ChangeConsumer {

		/**
		 * Takes one change.
		 * @param main its main revision
		 * @param delete whether it is a delete
		 * @param stored the key value as stored; for a delete only the key is set
		 * @return whether to go on
		 */
		boolean accept(long main, boolean delete, KeyValue stored);

	}

}
