package dev.kvserver.server.log;

import java.nio.file.Path;

import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one segment in order, checks that each continues what was before
 * it, and judges the place where that ends:
 *
 * <pre>
 *   only zeros follow                                         the end of the log
 *   frame readable, checksum wrong, nothing behind it,
 *     and a sector of it blank that was not written blank,
 *     or its end mark missing                                 torn
 *   head unreadable, but only because the rest of its sector
 *     and all behind it are blank                             torn
 *   head blank, something behind it, but no frame             torn
 *   anything else                                             damaged
 * </pre>
 *
 * Torn is a verdict only where a write can have been interrupted: in the last segment, or
 * in the one before if the last one has no frame yet. In all others, everything but zeros
 * behind the seal is damage.
 */
final class SegmentWalk {

	private final SegmentReader reader;

	/** The chain, the next index and the term behind what has been read. */
	private int chain;

	private long nextIndex;

	private long term;

	private long end = Frame.SECTOR;

	private @Nullable Frame lastFrame;

	private boolean torn;

	private SegmentWalk(SegmentReader reader, int chain, long nextIndex, long term) {
		this.reader = reader;
		this.chain = chain;
		this.nextIndex = nextIndex;
		this.term = term;
	}

	/** The walk through the oldest segment, which continues what is no longer there. */
	static SegmentWalk first(SegmentReader reader) {
		Segment segment = reader.segment();
		return new SegmentWalk(reader, segment.previousChain(), segment.firstIndex(), segment.term());
	}

	/** The walk through the segment that follows. */
	SegmentWalk next(SegmentReader successor) {
		return new SegmentWalk(successor, this.chain, this.nextIndex, successor.segment().term());
	}

	/** Walks to the end; {@code mayBeTorn} if a write can have been interrupted here. */
	void run(boolean mayBeTorn) {
		requireSize(mayBeTorn);
		while (this.end < this.reader.segment().sizeBytes()) {
			Frame frame = this.reader.head(this.end);
			if (frame == null || !this.reader.isChained(frame, this.chain)) {
				judge(frame, mayBeTorn);
				return;
			}
			if (!this.reader.isEnded(frame) && !(mayBeTorn && this.reader.firstWritten(frame.end()) < 0)) {
				throw damaged(this.end, "the end of the frame there is not valid");
			}
			take(frame);
		}
	}

	/** Only the end of a segment that is still written to may have been cut off. */
	private void requireSize(boolean mayBeTorn) {
		long size = this.reader.file().size();
		long expected = this.reader.segment().sizeBytes();
		if (size > expected || (size < expected && !mayBeTorn)) {
			throw damaged(Math.min(size, expected), "it has %d bytes (expected: %d)".formatted(size, expected));
		}
	}

	private void take(Frame frame) {
		if (isSealed()) {
			throw damaged(this.end, "a frame follows the seal");
		}
		if (frame.firstIndex() != this.nextIndex || frame.term() < this.term) {
			throw damaged(this.end, "the frame there has index %d and term %d (expected: %d and at least %d)"
				.formatted(frame.firstIndex(), frame.term(), this.nextIndex, this.term));
		}
		this.chain = frame.chain();
		this.nextIndex += frame.count();
		this.term = frame.term();
		this.lastFrame = frame;
		this.end = frame.end();
	}

	private void judge(@Nullable Frame head, boolean mayBeTorn) {
		long written = this.reader.firstWritten(this.end);
		if (written < 0) {
			return;
		}
		if (!mayBeTorn || isSealed()) {
			throw damaged(this.end, "what is written there is not the next frame");
		}
		if (head != null) {
			requireTorn(head);
		}
		else {
			requireTorn(written);
		}
		this.torn = true;
	}

	private void requireTorn(Frame head) {
		if (head.end() > this.reader.segment().sizeBytes()) {
			throw damaged(this.end, "the frame there is longer than the segment");
		}
		if (this.reader.firstWritten(head.end()) >= 0) {
			throw damaged(this.end, "the checksum of the frame there is wrong, and more follows it");
		}
		if (!this.reader.isTorn(head)) {
			throw damaged(this.end, "the checksum of the frame there is wrong, though all of it was written");
		}
	}

	private void requireTorn(long written) {
		long frame = this.reader.firstFrame(this.end + Frame.SECTOR);
		if (frame >= 0) {
			throw damaged(this.end, "there is no frame, though one follows at offset " + frame);
		}
		boolean headIsBlank = written > this.end;
		if (!headIsBlank
				&& (!this.reader.isTornHead(this.end) || this.reader.firstWritten(this.end + Frame.SECTOR) >= 0)) {
			throw damaged(this.end, "the head of the frame there is not valid");
		}
	}

	/** Refuses a segment that is not the one to follow this. */
	void requireSuccessor(SegmentReader successor) {
		long number = this.reader.segment().number() + 1;
		Segment segment = successor.segment();
		if (segment.number() != number) {
			throw missing(number);
		}
		if (segment.firstIndex() != this.nextIndex) {
			throw LogRecovery.damaged(successor.path(), 0, "it begins at index %d, but %s ends before index %d"
				.formatted(segment.firstIndex(), this.reader.path(), this.nextIndex));
		}
		if (isSealed() && (segment.previousChain() != this.chain || segment.term() != this.term)) {
			throw LogRecovery.damaged(successor.path(), 0, "it does not continue " + this.reader.path());
		}
		if (!isSealed() && successor.firstWritten(Frame.SECTOR) >= 0) {
			throw damaged(this.end, "the segment ends without a seal, though another one follows");
		}
	}

	/** Refuses to end the log here if a segment must follow. */
	void requireNoSeal() {
		if (isSealed()) {
			throw missing(this.reader.segment().number() + 1);
		}
	}

	private StorageException missing(long number) {
		Path path = this.reader.path();
		Path missing = Segment.path(path.resolveSibling(".").normalize(), number, this.nextIndex);
		return new StorageException("%s is missing: it must follow %s, which ends at offset %d. %s".formatted(missing,
				path, this.end, LogRecovery.ADVICE), null);
	}

	private StorageException damaged(long offset, String what) {
		return LogRecovery.damaged(this.reader.path(), offset, what);
	}

	SegmentReader reader() {
		return this.reader;
	}

	/** The position behind the last frame. */
	long end() {
		return this.end;
	}

	int chain() {
		return this.chain;
	}

	long lastIndex() {
		return this.nextIndex - 1;
	}

	long term() {
		return this.term;
	}

	/** The last frame of this segment; null if there is none. */
	@Nullable Frame lastFrame() {
		return this.lastFrame;
	}

	/** Whether what follows {@link #end()} is to be cut off. */
	boolean isTorn() {
		return this.torn;
	}

	boolean isSealed() {
		return this.lastFrame != null && this.lastFrame.kind() == FrameKind.SEAL;
	}

	/** The size of all frames of this segment. */
	long framesBytes() {
		return this.end - Frame.SECTOR;
	}

}
