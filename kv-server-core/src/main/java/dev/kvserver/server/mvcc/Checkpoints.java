package dev.kvserver.server.mvcc;

import java.util.function.BooleanSupplier;

import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a checkpoint of the index is written, so that a start need not read the
 * whole history: when enough has changed since the last one, and at the end.
 * <p>
 * What a checkpoint costs grows with the keys and changes in it. So the next one waits
 * for changes in proportion to these: each change then pays for writing a fixed number of
 * others, however large the store is and however fast it is written.
 * <p>
 * A compaction above a checkpoint makes it useless, for a start could not tell a key that
 * has not changed since from one that was deleted and is removed altogether. So the end
 * of a compaction calls for a new one: that is no more often than the compaction itself
 * has looked at every key. Apply thread, but for the writing itself.
 */
final class Checkpoints {

	private static final Logger logger = LoggerFactory.getLogger(Checkpoints.class);

	/** A checkpoint is written once a fourth of what it would hold has changed. */
	private static final int PART_CHANGED = 4;

	private final CheckpointFile file;

	private final CheckpointWriter writer;

	private final BackgroundJobs jobs;

	/** The revision of the last one that was begun; a failure waits its turn again. */
	private long begunRevision;

	private volatile long writtenRevision;

	private volatile boolean writing;

	/**
	 * Takes charge of a file.
	 * @param file the file
	 * @param storage what the index is made from
	 * @param jobs where they are written
	 * @param loadedRevision the revision of the one in the file, 0 for none
	 */
	Checkpoints(CheckpointFile file, Storage storage, BackgroundJobs jobs, long loadedRevision) {
		this.file = file;
		this.writer = new CheckpointWriter(file, storage);
		this.jobs = jobs;
		this.begunRevision = Math.max(1, loadedRevision);
		this.writtenRevision = loadedRevision;
	}

	/**
	 * Told about each new view.
	 * @param view the view
	 * @param compacting whether a compaction is under way
	 */
	void published(StoreView view, boolean compacting) {
		if (this.writing || !isDue(view, compacting)) {
			return;
		}
		this.begunRevision = view.revision();
		this.writing = true;
		this.jobs.start((stopped) -> {
			try {
				write(view, stopped);
			}
			finally {
				this.writing = false;
			}
		}, () -> this.writing = false);
	}

	private boolean isDue(StoreView view, boolean compacting) {
		long since = view.revision() - this.begunRevision;
		boolean useless = !compacting && view.compactRevision() > this.begunRevision;
		return (useless && isWorthwhile(view)) || since >= Math.max(this.file.changesMin(), size(view) / PART_CHANGED);
	}

	/** Whether a start without a checkpoint would have to read much. */
	private boolean isWorthwhile(StoreView view) {
		return size(view) >= this.file.changesMin();
	}

	/** At most how many changes a checkpoint holds. */
	private static long size(StoreView view) {
		return view.keyCount() + view.revision() - Math.max(0, view.compactRevision());
	}

	/** Writes a last one, if a start would read much. After the jobs have ended. */
	void close(StoreView last) {
		long since = last.revision() - this.writtenRevision;
		boolean useless = last.compactRevision() > this.writtenRevision;
		if (isWorthwhile(last) && (useless || since >= this.file.changesMin())) {
			write(last, () -> false);
		}
	}

	private void write(StoreView view, BooleanSupplier stopped) {
		try {
			if (this.writer.write(view, stopped)) {
				this.writtenRevision = view.revision();
				logger.debug("Checkpoint of the index at revision {} in {}", view.revision(), this.file.path());
			}
		}
		catch (StorageException ex) {
			logger.warn("The index could not be saved in {}; the next start takes longer", this.file.path(), ex);
		}
	}

}
