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
 * others, however large the store is and however fast it grows.
 * <p>
 * A compaction above a checkpoint makes it useless, for a start could not tell a key that
 * has not changed since from one that was deleted and is removed altogether. So the end
 * of a compaction calls for a new one: that is no more often than the compaction itself
 * has looked at every key. Apply thread, but for the writing itself.
 */
final class Checkpoints {

	private static final Logger logger = LoggerFactory.getLogger(Checkpoints.class);

	/** The next checkpoint waits for changes of that part of what the last one holds. */
	private static final int PART_CHANGED = 4;

	private final CheckpointFile file;

	private final CheckpointWriter writer;

	private final BackgroundJobs jobs;

	/** How many changes there were since the one that was loaded, or ever. */
	private long changes;

	/** The last one that was begun; a failure waits its turn again. */
	private Mark begun;

	/** The last one that was written or loaded. */
	private volatile Mark written;

	/** How many changes the last one holds that was written. */
	private volatile long sizeWritten;

	private volatile boolean writing;

	/**
	 * Takes charge of a file.
	 * @param file the file
	 * @param storage what the index is made from
	 * @param jobs where they are written
	 * @param loaded what the store was opened with
	 */
	Checkpoints(CheckpointFile file, Storage storage, BackgroundJobs jobs, IndexLoader.Loaded loaded) {
		this.file = file;
		this.writer = new CheckpointWriter(file, storage);
		this.jobs = jobs;
		this.changes = loaded.changesRead();
		this.begun = new Mark(0, loaded.checkpointRevision());
		this.written = this.begun;
	}

	/**
	 * Told about each new view.
	 * @param view the view
	 * @param changed how many changes it has that the view before had not
	 * @param compacting whether a compaction is under way
	 */
	void published(StoreView view, int changed, boolean compacting) {
		this.changes += changed;
		if (this.writing || !isDue(view, compacting)) {
			return;
		}
		Mark mark = new Mark(this.changes, view.revision());
		this.begun = mark;
		this.writing = true;
		this.jobs.start((stopped) -> {
			try {
				write(view, mark, stopped);
			}
			finally {
				this.writing = false;
			}
		}, () -> this.writing = false);
	}

	private boolean isDue(StoreView view, boolean compacting) {
		long since = this.changes - this.begun.changes();
		return since >= Math.max(this.file.changesMin(), this.sizeWritten / PART_CHANGED)
				|| (!compacting && isUseless(this.begun, view));
	}

	/** Whether a compaction has made one useless that would spare a start much. */
	private boolean isUseless(Mark mark, StoreView view) {
		long history = view.revision() - Math.max(0, view.compactRevision());
		return view.compactRevision() > mark.revision() && view.keyCount() + history >= this.file.changesMin();
	}

	/** Writes a last one, if a start would read much. After the jobs have ended. */
	void close(StoreView last) {
		long since = this.changes - this.written.changes();
		if (since >= this.file.changesMin() || isUseless(this.written, last)) {
			write(last, new Mark(this.changes, last.revision()), () -> false);
		}
	}

	private void write(StoreView view, Mark mark, BooleanSupplier stopped) {
		try {
			long size = this.writer.write(view, stopped);
			if (size >= 0) {
				this.sizeWritten = size;
				this.written = mark;
				logger.debug("Checkpoint of the index at revision {} in {}", view.revision(), this.file.path());
			}
		}
		catch (StorageException ex) {
			logger.warn("The index could not be saved in {}; the next start takes longer", this.file.path(), ex);
		}
	}

	/**
	 * When a checkpoint was taken.
	 *
	 * @param changes how many changes there had been
	 * @param revision its revision, 0 for none
	 */
	private record Mark(long changes, long revision) {
	}

}
