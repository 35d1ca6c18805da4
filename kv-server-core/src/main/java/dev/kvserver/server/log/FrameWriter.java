package dev.kvserver.server.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

import com.google.protobuf.CodedOutputStream;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;

/**
 * Encodes frames into one buffer that is used again and again. Requests are encoded into
 * an array, which is what protobuf and the checksum are fastest with, and copied once
 * into the memory the kernel reads.
 */
final class FrameWriter {

	private static final int CAPACITY_FIRST = 8 << 10;

	/**
	 * Buffers grown beyond this by one large batch are dropped with the next small one.
	 */
	private static final int CAPACITY_KEPT_MAX = 16 << 20;

	private byte[] array = new byte[CAPACITY_FIRST];

	private ByteBuffer heap = ByteBuffer.wrap(this.array);

	private ByteBuffer direct = ByteBuffer.allocateDirect(CAPACITY_FIRST);

	/** The length of a body of entries. */
	static long bodyLength(List<LogEntry> entries) {
		long length = 0;
		for (int i = 0; i < entries.size(); i++) {
			int size = entries.get(i).request().getSerializedSize();
			length += CodedOutputStream.computeUInt32SizeNoTag(size) + size;
		}
		return length;
	}

	/**
	 * Encodes a frame of entries.
	 * @param segment the number of the segment it goes to
	 * @param position its position there
	 * @param previousChain the chain of the frame before
	 * @param entries the entries, all of one term
	 * @param bodyLength what {@link #bodyLength} says about them
	 */
	Frame entries(long segment, long position, int previousChain, List<LogEntry> entries, int bodyLength) {
		reserve(Frame.lengthWith(bodyLength));
		putBody(entries, bodyLength);
		LogEntry first = entries.get(0);
		int blank = putEnd(bodyLength);
		return complete(segment, previousChain, new Frame(position, 0, FrameKind.ENTRIES, bodyLength, entries.size(),
				first.index(), first.term(), blank));
	}

	/** Encodes a frame without entries. */
	Frame mark(long segment, long position, int previousChain, FrameKind kind, long nextIndex, long term) {
		reserve(Frame.lengthWith(0));
		putEnd(0);
		return complete(segment, previousChain, new Frame(position, 0, kind, 0, 0, nextIndex, term, 0));
	}

	private void putBody(List<LogEntry> entries, int bodyLength) {
		CodedOutputStream out = CodedOutputStream.newInstance(this.array, Frame.HEAD, bodyLength);
		try {
			for (int i = 0; i < entries.size(); i++) {
				InternalRaftRequest request = entries.get(i).request();
				out.writeUInt32NoTag(request.getSerializedSize());
				request.writeTo(out);
			}
			out.checkNoSpaceLeft();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("an entry is not as long as it said", ex);
		}
	}

	private int putEnd(int bodyLength) {
		int bodyEnd = Frame.HEAD + bodyLength;
		int length = (int) Frame.lengthWith(bodyLength);
		this.heap.putInt(bodyEnd, Frame.END);
		Arrays.fill(this.array, bodyEnd + Integer.BYTES, length, (byte) 0);
		return blankSectors(this.heap, 0, length);
	}

	private Frame complete(long segment, int previousChain, Frame unchained) {
		unchained.putHead(this.heap);
		Frame frame = unchained.withChain(Frame.chain(previousChain, this.array, 0, unchained.bodyLength()));
		this.heap.putInt(Frame.CHAIN_AT, frame.chain());
		this.heap.putInt(Frame.CHECK_AT, Frame.check(this.heap, 0, segment, frame.position()));
		return frame;
	}

	/** How many sectors behind the first of a frame hold nothing but zeros. */
	static int blankSectors(ByteBuffer buffer, int at, int length) {
		int blank = 0;
		for (int sector = at + Frame.SECTOR; sector < at + length; sector += Frame.SECTOR) {
			if (buffer.getLong(sector) == 0 && isBlank(buffer, sector, Frame.SECTOR)) {
				blank++;
			}
		}
		return blank;
	}

	/** Whether there is nothing but zeros; the length is a multiple of 8. */
	static boolean isBlank(ByteBuffer buffer, int at, int length) {
		for (int i = at; i < at + length; i += Long.BYTES) {
			if (buffer.getLong(i) != 0) {
				return false;
			}
		}
		return true;
	}

	/** The bytes of the frame encoded last, for the kernel to read. */
	ByteBuffer bytes(Frame frame) {
		int length = (int) frame.length();
		this.direct.clear();
		this.direct.put(this.array, 0, length);
		return this.direct.flip();
	}

	private void reserve(long length) {
		boolean tooSmall = length > this.array.length;
		boolean tooLarge = this.array.length > CAPACITY_KEPT_MAX && length <= CAPACITY_KEPT_MAX;
		if (tooSmall || tooLarge) {
			int capacity = (int) Math.max(length, Math.min(2 * length, CAPACITY_KEPT_MAX));
			this.array = new byte[capacity];
			this.heap = ByteBuffer.wrap(this.array);
			this.direct = ByteBuffer.allocateDirect(capacity);
		}
	}

}
