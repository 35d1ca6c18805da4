package dev.kvserver.server.mvcc;

import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rebuilds the index from the stored history, in order of revisions: from the whole of
 * it, or, where a checkpoint can be used, from what came after that.
 */
final class IndexLoader {

	private static final Logger logger = LoggerFactory.getLogger(IndexLoader.class);

	private final Storage storage;

	private final @Nullable CheckpointFile file;

	private final CompactionMarks marks;

	private IndexLoader(Storage storage, @Nullable CheckpointFile file) {
		this.storage = storage;
		this.file = file;
		this.marks = CompactionMarks.read(storage);
	}

	/** Loads; {@code file} is where a checkpoint may be. */
	static Loaded load(Storage storage, @Nullable CheckpointFile file) {
		return new IndexLoader(storage, file).load();
	}

	private Loaded load() {
		Loaded base = fromCheckpoint();
		TreeIndex.Editor editor = base.index().edit();
		long last = base.revision();
		long changes = 0;
		byte[] first = Revision.encode(base.checkpointRevision() + 1, 0, false);
		try (Storage.Scan scan = this.storage.scan(Bucket.KEY, first, null)) {
			while (scan.next()) {
				byte[] storedKey = scan.key();
				Revision at = Revision.decode(storedKey);
				add(editor, at, Revision.isTombstone(storedKey), KeyValues.decode(at.main(), at.sub(), scan.value()));
				last = at.main();
				changes++;
			}
		}
		if (this.file != null && base.checkpointRevision() == 0 && changes >= this.file.changesMin()) {
			logger.warn("Read all of {} changes, for want of a checkpoint of the index", changes);
		}
		return new Loaded(editor.snapshot(), Math.max(last, this.marks.scheduled()), this.marks,
				base.checkpointRevision(), changes);
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
			index.put(before.storedPut(at.main(), sub, stored.getCreateRevision(), stored.getVersion(),
					stored.getLease()));
		}
	}

	/** What a checkpoint gives, or nothing. */
	private Loaded fromCheckpoint() {
		if (this.file != null) {
			try {
				CheckpointReader.Checkpoint checkpoint = new CheckpointReader(this.file).read();
				if (checkpoint != null) {
					check(checkpoint.header());
					return new Loaded(compacted(checkpoint.keys()), checkpoint.header().revision(), this.marks,
							checkpoint.header().revision(), 0);
				}
			}
			catch (StorageException | UnusableException ex) {
				logger.warn("The checkpoint of the index in {} cannot be used and is deleted: {}", this.file.path(),
						ex.getMessage());
				delete(this.file);
			}
		}
		return new Loaded(TreeIndex.empty(), 1, this.marks, 0, 0);
	}

	private void check(CheckpointHeader header) {
		if (header.revision() < this.marks.scheduled()) {
			throw new UnusableException("it is at revision " + header.revision() + ", and there was a compaction at "
					+ this.marks.scheduled());
		}
		if (header.compactRevision() > this.marks.scheduled()) {
			throw new UnusableException(
					"it knows of a compaction at revision " + header.compactRevision() + ", and the store does not");
		}
		Integer lastChange = CheckpointWriter.lastChange(this.storage, header.revision());
		if (lastChange == null || lastChange != header.lastChange()) {
			throw new UnusableException("the store does not have its last change, at revision " + header.revision());
		}
	}

	/** What the compactions that are finished by now have left of the keys. */
	private TreeIndex compacted(KeyIndex[] keys) {
		int left = 0;
		for (int i = 0; i < keys.length; i++) {
			KeyIndex key = keys[i].compact(this.marks.finished());
			if (key != null) {
				keys[left++] = key;
			}
		}
		return TreeIndex.ofSorted(keys, left);
	}

	private static void delete(CheckpointFile file) {
		try {
			file.disk().delete(file.path());
			file.disk().syncDirectory(file.directory());
		}
		catch (StorageException ex) {
			logger.warn("{} could not be deleted", file.path(), ex);
		}
	}

	/**
	 * What was loaded.
	 *
	 * @param index the index
	 * @param revision the last revision
	 * @param compactions how far compactions have come
	 * @param checkpointRevision the revision of the checkpoint that was used, 0 for none
	 * @param changesRead how many changes were read from the storage
	 */
	record Loaded(TreeIndex index, long revision, CompactionMarks compactions, long checkpointRevision,
			long changesRead) {
	}

	/** A checkpoint is whole, but not of this store as it is now. */
	private static final class UnusableException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		UnusableException(String message) {
			super(message, null, false, false);
		}

	}

}
