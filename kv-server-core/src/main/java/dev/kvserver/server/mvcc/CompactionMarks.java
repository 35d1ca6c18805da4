package dev.kvserver.server.mvcc;

import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * How far compactions have come, as stored.
 *
 * @param scheduled the newest compact revision, -1 for none
 * @param finished the newest one whose removal is complete, -1 for none
 */
record CompactionMarks(long scheduled, long finished) {

	static CompactionMarks read(Storage storage) {
		return new CompactionMarks(revision(storage.get(Bucket.META, MetaKeys.SCHEDULED_COMPACT_REV)),
				revision(storage.get(Bucket.META, MetaKeys.FINISHED_COMPACT_REV)));
	}

	private static long revision(byte @Nullable [] stored) {
		return (stored != null) ? Revision.decode(stored).main() : -1;
	}

	/** The compaction that a stop has interrupted, or -1. */
	long unfinished() {
		return (this.scheduled > this.finished) ? this.scheduled : -1;
	}

}
