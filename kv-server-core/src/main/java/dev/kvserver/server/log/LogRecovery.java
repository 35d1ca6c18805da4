package dev.kvserver.server.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a log held when its server ended, and puts its end in order.
 * <p>
 * The problem: what the last append wrote may be there in part, and must then be cut off,
 * for nobody was told that it succeeded. Everything before was acknowledged, and if any
 * of that is damaged no server may start as if it had never been. The usual way, to stop
 * at the first bad checksum, loses acknowledged entries in silence; to refuse at every
 * bad checksum turns every power failure into a case for an expert. etcd looks whether a
 * sector of the bad record is blank (server/storage/wal/decoder.go), which takes a value
 * full of zeros for a torn write.
 * <p>
 * Here a bad place is cut off only if it lies behind everything that was ever synced and
 * looks as only an interrupted write can look; {@link SegmentWalk} decides. Anything else
 * is refused, with file and offset, and nothing is changed on the disk.
 * <p>
 * What is kept is written and synced once more where no later write proves that it was
 * synced before: a killed server's last frame may exist in the kernel's memory only, and
 * after a failed sync the kernel forgets that it should ever write it.
 */
final class LogRecovery {

	static final String ADVICE = "Restore the data directory from a backup, or empty it to start afresh";

	private static final Logger logger = LoggerFactory.getLogger(LogRecovery.class);

	private final Disk disk;

	private final Path directory;

	private final List<SealedSegment> sealed = new ArrayList<>();

	private final List<SegmentReader> readers = new ArrayList<>();

	private long firstIndex;

	private long framesBytes;

	LogRecovery(Disk disk, Path directory) {
		this.disk = disk;
		this.directory = directory;
	}

	/** Reads everything and repairs the end; null if there is no segment. */
	@Nullable RecoveredLog recover() {
		List<Path> paths = segments(this.disk, this.directory);
		if (paths.isEmpty()) {
			return null;
		}
		try {
			return recover(paths);
		}
		finally {
			for (int i = 0; i < this.readers.size(); i++) {
				this.readers.get(i).close();
			}
		}
	}

	/** The segment files of a directory, oldest first. */
	static List<Path> segments(Disk disk, Path directory) {
		List<Path> segments = new ArrayList<>();
		for (Path path : disk.list(directory)) {
			if (path.toString().endsWith(Segment.SUFFIX)) {
				segments.add(path);
			}
		}
		return segments;
	}

	private RecoveredLog recover(List<Path> paths) {
		SegmentReader reader = open(paths.get(0));
		this.firstIndex = reader.segment().firstIndex();
		SegmentWalk walk = SegmentWalk.first(reader);
		for (int i = 1; i < paths.size(); i++) {
			SegmentReader successor = open(paths.get(i));
			boolean unused = i == paths.size() - 1 && successor.firstWritten(Frame.SECTOR) < 0;
			walk.run(unused);
			walk.requireSuccessor(successor);
			if (unused) {
				repair(walk);
			}
			if (!walk.isSealed()) {
				drop(successor);
				return recovered(walk);
			}
			this.sealed.add(new SealedSegment(reader.path(), walk.lastIndex()));
			this.framesBytes += walk.framesBytes();
			closeOldest();
			reader = successor;
			walk = walk.next(successor);
		}
		walk.run(true);
		walk.requireNoSeal();
		repair(walk);
		return recovered(walk);
	}

	private SegmentReader open(Path path) {
		SegmentReader reader = SegmentReader.open(this.disk, path);
		this.readers.add(reader);
		return reader;
	}

	private void closeOldest() {
		this.readers.remove(0).close();
	}

	/**
	 * A segment is created before the one before is sealed. If the server ended in
	 * between (or while sealing), the new one has no frame, and the old one is still the
	 * last.
	 */
	private void drop(SegmentReader unused) {
		logger.info("{} was created but never used and is removed", unused.path());
		this.disk.delete(unused.path());
		this.disk.syncDirectory(this.directory);
	}

	private void repair(SegmentWalk walk) {
		SegmentReader reader = walk.reader();
		if (walk.isTorn()) {
			logger
				.warn("{} ends at offset {} with a write that was interrupted; it is cut off, as nobody was told that "
						+ "it succeeded", reader.path(), walk.end());
			ByteBuffer zeros = ByteBuffer.allocate(Frame.SECTOR);
			long sector = reader.firstWritten(walk.end());
			while (sector >= 0) {
				reader.file().write(zeros.clear(), sector);
				sector = reader.firstWritten(sector + Frame.SECTOR);
			}
			reader.file().force();
		}
		ZeroFill.extend(reader.file(), reader.segment().sizeBytes());
		Frame last = walk.lastFrame();
		if (last != null) {
			reader.file().write(reader.bytes(last), last.position());
		}
		reader.file().force();
		this.disk.syncDirectory(this.directory);
	}

	private RecoveredLog recovered(SegmentWalk walk) {
		SegmentReader reader = walk.reader();
		return new RecoveredLog(this.sealed, reader.path(), reader.segment(), walk.end(), walk.chain(), this.firstIndex,
				walk.lastIndex(), walk.term(), this.framesBytes + walk.framesBytes());
	}

	static StorageException damaged(Path path, long offset, String what) {
		return new StorageException("%s is damaged at offset %d: %s. %s".formatted(path, offset, what, ADVICE), null);
	}

	/** A segment that no longer grows. */
	record SealedSegment(Path path, long lastIndex) {
	}

	/**
	 * What was found, and where to go on.
	 *
	 * @param sealed the segments that no longer grow, oldest first
	 * @param activePath the file of the last segment
	 * @param active the last segment
	 * @param end the position behind its last frame
	 * @param chain the chain of the last frame
	 * @param firstIndex the first index of the oldest segment
	 * @param lastIndex the index of the last entry
	 * @param term the last term
	 * @param framesBytes the size of all frames
	 */
	record RecoveredLog(List<SealedSegment> sealed, Path activePath, Segment active, long end, int chain,
			long firstIndex, long lastIndex, long term, long framesBytes) {
	}

}
