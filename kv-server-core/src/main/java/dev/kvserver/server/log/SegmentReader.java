package dev.kvserver.server.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.DiskFile;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a segment through a window that holds at least one frame. Where the file is
 * shorter than it should be it reads zeros, as if that part had never been written.
 */
final class SegmentReader implements AutoCloseable {

	private static final int WINDOW_BYTES = 256 << 10;

	private final Path path;

	private final Segment segment;

	private final DiskFile file;

	private ByteBuffer window;

	private long windowStart;

	private int windowLength;

	private SegmentReader(Path path, Segment segment, DiskFile file) {
		this.path = path;
		this.segment = segment;
		this.file = file;
		this.window = ByteBuffer.allocate((int) Math.min(segment.sizeBytes(), WINDOW_BYTES));
	}

	static SegmentReader open(Disk disk, Path path) {
		DiskFile file = disk.open(path);
		boolean opened = false;
		try {
			ByteBuffer sector = ByteBuffer.allocate(Frame.SECTOR);
			file.read(sector, 0);
			SegmentReader reader = new SegmentReader(path, Segment.of(sector.flip(), path), file);
			opened = true;
			return reader;
		}
		finally {
			if (!opened) {
				file.close();
			}
		}
	}

	Segment segment() {
		return this.segment;
	}

	Path path() {
		return this.path;
	}

	DiskFile file() {
		return this.file;
	}

	/** The head of the frame at a position; null if there is none. */
	@Nullable Frame head(long position) {
		return Frame.head(this.window, load(position, Frame.SECTOR), this.segment.number(), position);
	}

	/** Whether a frame lies within the segment and continues the chain. */
	boolean isChained(Frame frame, int previousChain) {
		if (frame.end() > this.segment.sizeBytes()) {
			return false;
		}
		int at = load(frame.position(), (int) frame.length());
		return Frame.chain(previousChain, this.window.array(), at, frame.bodyLength()) == frame.chain();
	}

	/** Whether nothing but the end mark and zeros follow the body. */
	boolean isEnded(Frame frame) {
		int at = load(frame.position(), (int) frame.length());
		int bodyEnd = at + Frame.HEAD + frame.bodyLength();
		if (this.window.getInt(bodyEnd) != Frame.END) {
			return false;
		}
		for (int i = bodyEnd + Integer.BYTES; i < at + frame.length(); i++) {
			if (this.window.get(i) != 0) {
				return false;
			}
		}
		return true;
	}

	/** Whether parts of a frame were never written: see {@link Frame}. */
	boolean isTorn(Frame frame) {
		int at = load(frame.position(), (int) frame.length());
		return this.window.getInt(at + Frame.HEAD + frame.bodyLength()) == 0
				|| FrameWriter.blankSectors(this.window, at, (int) frame.length()) > frame.blankSectors();
	}

	/** Whether a sector begins as a head does and then breaks off. */
	boolean isTornHead(long position) {
		int at = load(position, Frame.SECTOR);
		for (int i = 0; i < Integer.BYTES; i++) {
			byte expected = (byte) (Frame.MAGIC >>> (24 - 8 * i));
			if (this.window.get(at + i) != expected) {
				return FrameWriter.isBlank(this.window, at + Frame.SECTOR / 2, Frame.SECTOR / 2)
						&& isBlankFrom(at + i, at + Frame.SECTOR / 2);
			}
		}
		return FrameWriter.isBlank(this.window, at + Frame.HEAD, Frame.SECTOR - Frame.HEAD);
	}

	private boolean isBlankFrom(int from, int to) {
		for (int i = from; i < to; i++) {
			if (this.window.get(i) != 0) {
				return false;
			}
		}
		return true;
	}

	boolean isBlankSector(long position) {
		return FrameWriter.isBlank(this.window, load(position, Frame.SECTOR), Frame.SECTOR);
	}

	/** The first sector from a position on that holds anything; -1 if there is none. */
	long firstWritten(long from) {
		for (long position = from; position < this.segment.sizeBytes(); position += Frame.SECTOR) {
			if (!isBlankSector(position)) {
				return position;
			}
		}
		return -1;
	}

	/** The first sector from a position on that begins a frame; -1 if there is none. */
	long firstFrame(long from) {
		for (long position = from; position < this.segment.sizeBytes(); position += Frame.SECTOR) {
			if (head(position) != null) {
				return position;
			}
		}
		return -1;
	}

	/** The array that holds the body of a frame until the next call. */
	byte[] bodyArray(Frame frame) {
		load(frame.position(), (int) frame.length());
		return this.window.array();
	}

	/** Where the body begins in {@link #bodyArray}. */
	int bodyOffset(Frame frame) {
		return load(frame.position(), (int) frame.length()) + Frame.HEAD;
	}

	/** The bytes of a whole frame, with its end put right. */
	ByteBuffer bytes(Frame frame) {
		int at = load(frame.position(), (int) frame.length());
		int bodyEnd = at + Frame.HEAD + frame.bodyLength();
		int end = at + (int) frame.length();
		this.window.putInt(bodyEnd, Frame.END);
		Arrays.fill(this.window.array(), bodyEnd + Integer.BYTES, end, (byte) 0);
		return this.window.duplicate().limit(end).position(at);
	}

	/** Makes bytes available in the window and says where they begin there. */
	private int load(long position, int length) {
		if (position < this.windowStart || position + length > this.windowStart + this.windowLength) {
			if (length > this.window.capacity()) {
				this.window = ByteBuffer.allocate(length);
			}
			this.windowStart = position;
			this.windowLength = (int) Math.min(this.window.capacity(), this.segment.sizeBytes() - position);
			this.window.clear().limit(this.windowLength);
			this.file.read(this.window, position);
			Arrays.fill(this.window.array(), this.window.position(), this.windowLength, (byte) 0);
			this.window.clear();
		}
		return (int) (position - this.windowStart);
	}

	@Override
	public void close() {
		this.file.close();
	}

}
