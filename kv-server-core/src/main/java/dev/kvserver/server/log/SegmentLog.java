package dev.kvserver.server.log;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import dev.kvserver.server.log.LogRecovery.RecoveredLog;
import dev.kvserver.server.log.LogRecovery.SealedSegment;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.metrics.LogMetrics;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.DiskFile;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * The durable log: files of equal size, filled with zeros before they are used, in which
 * each append writes one {@link Frame} and syncs once. How it is read after a crash is
 * told in {@link LogRecovery}.
 * <p>
 * When a frame does not fit, the log goes on in a new file:
 *
 * <pre>
 *   1. the new file is complete: zeros, header, synced, then named, directory synced
 *   2. the old file is sealed with a last frame, synced
 *   3. frames go to the new file
 * </pre>
 *
 * so that a sealed file without successor is a lost one, and never a crash.
 */
public final class SegmentLog implements Log {

	/** The size of a segment unless told otherwise. */
	public static final long SEGMENT_BYTES_DEFAULT = 64L << 20;

	private static final long SEGMENT_BYTES_MIN = 4L << 10;

	private static final long SEAL_BYTES = Frame.lengthWith(0);

	private final Disk disk;

	private final Path directory;

	private final long segmentBytes;

	private final SpareSegment spare;

	private final FrameWriter writer = new FrameWriter();

	private final LogMetrics metrics = LogMetrics.create();

	/** Segments before the active one, oldest first; guarded by itself. */
	private final Deque<SealedSegment> sealed = new ArrayDeque<>();

	private final long term;

	/** The first index found at the start. */
	private final long firstIndex;

	private Segment active;

	private DiskFile file;

	/** Where the next frame goes, and the chain it continues. */
	private long position;

	private int chain;

	private volatile long lastIndex;

	private volatile long appendedBytes;

	private @Nullable Throwable failure;

	private SegmentLog(Disk disk, Path directory, long segmentBytes, SpareSegment spare,
			@Nullable RecoveredLog recovered) {
		this.disk = disk;
		this.directory = directory;
		this.segmentBytes = segmentBytes;
		this.spare = spare;
		if (recovered == null) {
			this.term = FIRST_TERM;
			this.firstIndex = FIRST_INDEX;
			this.lastIndex = FIRST_INDEX - 1;
			this.active = new Segment(1, FIRST_INDEX, FIRST_TERM, segmentBytes, 0);
			this.file = spare.become(this.active, directory);
			this.position = Frame.SECTOR;
		}
		else {
			this.term = recovered.term() + 1;
			this.firstIndex = recovered.firstIndex();
			this.lastIndex = recovered.lastIndex();
			this.sealed.addAll(recovered.sealed());
			this.active = recovered.active();
			this.file = disk.open(recovered.activePath());
			this.position = recovered.end();
			this.chain = recovered.chain();
			this.appendedBytes = recovered.framesBytes();
		}
	}

	/**
	 * Opens a log, repairs its end if a crash interrupted a write, and begins a new term;
	 * or creates it. Blocks on the disk.
	 * @param disk the disk
	 * @param directory an existing directory that belongs to the log alone
	 * @param segmentBytes the size of new segments, at least 4 KiB; rounded up to whole
	 * sectors
	 * @param fresh whether the server has never been started on this data: only then may
	 * the log be absent, and then it must be empty
	 * @return the log, ready to be replayed
	 * @throws StorageException if the disk fails or the log is damaged; the message names
	 * file and offset, and the files are as they were
	 */
	public static SegmentLog open(Disk disk, Path directory, long segmentBytes, boolean fresh) {
		if (segmentBytes < SEGMENT_BYTES_MIN) {
			throw new IllegalArgumentException(
					"segmentBytes: %d (expected: >= %d)".formatted(segmentBytes, SEGMENT_BYTES_MIN));
		}
		RecoveredLog recovered = new LogRecovery(disk, directory).recover();
		if (recovered == null && !fresh) {
			throw new StorageException(
					"%s is damaged: the log has no segment. %s".formatted(directory, LogRecovery.ADVICE), null);
		}
		if (recovered != null && fresh && recovered.lastIndex() >= FIRST_INDEX) {
			throw new StorageException("%s holds a log up to index %d of a server that is not known here. %s"
				.formatted(directory, recovered.lastIndex(), LogRecovery.ADVICE), null);
		}
		SpareSegment spare = new SpareSegment(disk, directory, wholeSectors(segmentBytes));
		spare.remove();
		SegmentLog log = new SegmentLog(disk, directory, wholeSectors(segmentBytes), spare, recovered);
		if (recovered != null) {
			log.beginTerm();
		}
		return log;
	}

	private static long wholeSectors(long bytes) {
		return (bytes + Frame.SECTOR - 1) / Frame.SECTOR * Frame.SECTOR;
	}

	private void beginTerm() {
		boolean begun = false;
		try {
			makeRoom(Frame.lengthWith(0));
			write(this.writer.mark(this.active.number(), this.position, this.chain, FrameKind.TERM, this.lastIndex + 1,
					this.term));
			begun = true;
		}
		finally {
			if (!begun) {
				this.file.close();
			}
		}
	}

	@Override
	public long term() {
		return this.term;
	}

	@Override
	public long lastIndex() {
		return this.lastIndex;
	}

	@Override
	public long appendedBytes() {
		return this.appendedBytes;
	}

	@Override
	public LogMetrics metrics() {
		return this.metrics;
	}

	@Override
	public void append(List<LogEntry> batch) {
		requireUsable();
		long first = batch.get(0).index();
		long last = batch.get(batch.size() - 1).index();
		if (first != this.lastIndex + 1 || last != this.lastIndex + batch.size()) {
			throw new IllegalArgumentException("indexes: %d to %d, %d entries (expected: from %d)".formatted(first,
					last, batch.size(), this.lastIndex + 1));
		}
		try {
			long bodyLength = FrameWriter.bodyLength(batch);
			makeRoom(Frame.lengthWith(bodyLength));
			write(this.writer.entries(this.active.number(), this.position, this.chain, batch,
					Math.toIntExact(bodyLength)));
			this.lastIndex = last;
		}
		catch (Throwable ex) {
			this.failure = ex;
			throw ex;
		}
	}

	private void requireUsable() {
		if (this.failure != null) {
			throw new StorageException("the log in " + this.directory + " has failed and takes nothing more",
					this.failure);
		}
	}

	private void write(Frame frame) {
		long begin = Histogram.begin();
		this.file.write(this.writer.bytes(frame), frame.position());
		long written = Histogram.begin();
		this.file.force();
		this.metrics.syncs().end(written);
		this.metrics.writes().observe(written - begin);
		this.metrics.bytes().add(frame.length());
		this.position = frame.end();
		this.chain = frame.chain();
		long appended = this.appendedBytes + frame.length();
		this.appendedBytes = appended;
	}

	/** Every segment keeps room for its seal. */
	private void makeRoom(long frameLength) {
		if (this.position + frameLength + SEAL_BYTES > this.active.sizeBytes()) {
			roll(Math.max(this.segmentBytes, Frame.SECTOR + frameLength + SEAL_BYTES));
		}
	}

	private void roll(long sizeBytes) {
		long nextIndex = this.lastIndex + 1;
		Frame seal = this.writer.mark(this.active.number(), this.position, this.chain, FrameKind.SEAL, nextIndex,
				this.term);
		Segment next = new Segment(this.active.number() + 1, nextIndex, this.term, sizeBytes, seal.chain());
		DiskFile nextFile = this.spare.become(next, this.directory);
		boolean sealedNow = false;
		try {
			write(seal);
			sealedNow = true;
		}
		finally {
			if (!sealedNow) {
				nextFile.close();
			}
		}
		this.file.close();
		synchronized (this.sealed) {
			this.sealed.add(new SealedSegment(this.active.path(this.directory), this.lastIndex));
		}
		this.active = next;
		this.file = nextFile;
		this.position = Frame.SECTOR;
	}

	@Override
	public void replay(long afterIndex, CommitSink sink) {
		if (afterIndex > this.lastIndex) {
			throw new StorageException("the log in %s ends at index %d, but the store has applied index %d. %s"
				.formatted(this.directory, this.lastIndex, afterIndex, LogRecovery.ADVICE), null);
		}
		if (this.firstIndex > afterIndex + 1) {
			throw new StorageException("the log in %s begins at index %d, but the store has applied index %d. %s"
				.formatted(this.directory, this.firstIndex, afterIndex, LogRecovery.ADVICE), null);
		}
		Replay replay = new Replay(this.disk, afterIndex, sink);
		synchronized (this.sealed) {
			for (SealedSegment segment : this.sealed) {
				if (segment.lastIndex() > afterIndex) {
					replay.segment(segment.path());
				}
			}
		}
		replay.segment(this.active.path(this.directory));
		replay.end();
	}

	@Override
	public void truncateBefore(long index) {
		int deleted = 0;
		synchronized (this.sealed) {
			SealedSegment oldest = this.sealed.peek();
			while (oldest != null && oldest.lastIndex() < index) {
				this.disk.delete(oldest.path());
				this.sealed.remove();
				deleted++;
				oldest = this.sealed.peek();
			}
		}
		if (deleted > 0) {
			this.disk.syncDirectory(this.directory);
		}
	}

	@Override
	public void prepare() {
		this.spare.prepare();
	}

	/**
	 * Closes the files. Everything appended is durable already. Not while another thread
	 * is in a call.
	 */
	@Override
	public void close() {
		this.failure = new IllegalStateException("the log is closed");
		try {
			this.spare.remove();
		}
		finally {
			this.file.close();
		}
	}

}
