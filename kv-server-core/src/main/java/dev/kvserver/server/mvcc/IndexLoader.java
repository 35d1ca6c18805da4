package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;

import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds the index from the stored history, in order of revisions.
 *
 * @param index the index
 * @param revision the last revision
 * @param compactRevision the compact revision, -1 for none
 * @param unfinishedCompaction the revision of a compaction that a stop interrupted, or -1
 * @param appliedIndex the last log entry whose effect is stored, 0 for none
 * @param appliedTerm its term
 */
record IndexLoader(TreeIndex index, long revision, long compactRevision, long unfinishedCompaction, long appliedIndex,
		long appliedTerm) {

	static IndexLoader load(Storage storage) {
		TreeIndex.Editor editor = TreeIndex.empty().edit();
		long last = 1;
		byte[] first = Revision.encode(0, 0, false);
		try (Storage.Scan scan = storage.scan(Bucket.KEY, first, null)) {
			while (scan.next()) {
				byte[] storedKey = scan.key();
				Revision at = Revision.decode(storedKey);
				add(editor, at, Revision.isTombstone(storedKey), KeyValues.decode(at.main(), at.sub(), scan.value()));
				last = at.main();
			}
		}
		long scheduled = revision(storage.get(Bucket.META, MetaKeys.SCHEDULED_COMPACT_REV));
		long finished = revision(storage.get(Bucket.META, MetaKeys.FINISHED_COMPACT_REV));
		return new IndexLoader(editor.snapshot(), Math.max(last, scheduled), scheduled,
				(scheduled > finished) ? scheduled : -1, number(storage.get(Bucket.META, MetaKeys.CONSISTENT_INDEX)),
				number(storage.get(Bucket.META, MetaKeys.TERM)));
	}

	private static void add(TreeIndex.Editor index, Revision at, boolean tombstone, KeyValue stored) {
		byte[] key = Bytes.of(stored.getKey());
		KeyIndex before = index.get(key);
		int sub = (int) at.sub();
		if (tombstone) {
			index.put((before != null) ? before.delete(at.main(), sub) : KeyIndex.first(key, at.main(), sub, 0, 0, 0));
		}
		else if (before == null) {
			index.put(KeyIndex.first(key, at.main(), sub, stored.getCreateRevision(), stored.getVersion(),
					stored.getLease()));
		}
		else {
			index.put(before.put(at.main(), sub, stored.getLease()));
		}
	}

	private static long revision(byte @Nullable [] stored) {
		return (stored != null) ? Revision.decode(stored).main() : -1;
	}

	private static long number(byte @Nullable [] stored) {
		return (stored != null) ? ByteBuffer.wrap(stored).getLong() : 0;
	}

}
