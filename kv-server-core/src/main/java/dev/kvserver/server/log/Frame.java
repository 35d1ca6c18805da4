package dev.kvserver.server.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

import org.jspecify.annotations.Nullable;

/**
 * The head of a frame. A frame is what one append writes, with one write and one sync; it
 * begins at a sector and fills whole sectors. Numbers are big-endian:
 *
 * <pre>
 *    0  magic "KVFR"
 *    4  check       CRC32C of segment, position and the bytes 8 to 48 of this head
 *    8  chain       CRC32C of the chain of the frame before and of all from 12 to the body's end
 *   12  kind
 *   16  body length in bytes
 *   20  count of entries
 *   24  index of the first entry, or of the next one if there is none
 *   32  term
 *   40  blank       how many of the frame's sectors were written as nothing but zeros
 *   44  0
 *   48  body: for each entry a varint length and the encoded request
 *       "KVFE", then zeros up to the end of the sector
 * </pre>
 *
 * Why so much: after a crash the last frame may be torn, any of its sectors being as they
 * were before, which is zeros. That must be told from a damaged byte in a frame that was
 * acknowledged. The chain says that something is wrong; then the rest decides. A frame
 * with another one behind it was complete once, for nothing is written before the sync of
 * what precedes it has ended. To see that frame although the one before is unreadable its
 * head has a check of its own, which does not depend on the chain. And a last frame is
 * torn only if more of its sectors are blank than were written blank, or if its end is
 * missing.
 *
 * @param position the offset of the frame in its segment
 * @param chain the chained checksum up to and including this frame
 * @param kind what it holds
 * @param bodyLength the length of the body in bytes
 * @param count the number of entries
 * @param firstIndex the index of the first entry, or of the next one
 * @param term the term of the entries
 * @param blankSectors how many of its sectors were written blank
 */
record Frame(long position, int chain, FrameKind kind, int bodyLength, int count, long firstIndex, long term,
		int blankSectors) {

	static final int SECTOR = 512;

	static final int MAGIC = 0x4b56_4652;

	static final int END = 0x4b56_4645;

	static final int CHECK_AT = 4;

	static final int CHAIN_AT = 8;

	/** From here on everything is under the chain. */
	static final int CHAINED_FROM = 12;

	static final int HEAD = 48;

	/** The length of the whole frame with a body of the given length. */
	static long lengthWith(long bodyLength) {
		return (HEAD + bodyLength + Integer.BYTES + SECTOR - 1) / SECTOR * SECTOR;
	}

	/** The length of the whole frame in bytes. */
	long length() {
		return lengthWith(this.bodyLength);
	}

	/** The position behind the frame. */
	long end() {
		return this.position + length();
	}

	/** The index of the last entry up to and including this frame. */
	long lastIndex() {
		return this.firstIndex + this.count - 1;
	}

	/** Writes the head at the buffer's start, all but the check. */
	void putHead(ByteBuffer buffer) {
		buffer.putInt(0, MAGIC);
		buffer.putInt(CHAIN_AT, this.chain);
		buffer.putInt(CHAINED_FROM, this.kind.code());
		buffer.putInt(16, this.bodyLength);
		buffer.putInt(20, this.count);
		buffer.putLong(24, this.firstIndex);
		buffer.putLong(32, this.term);
		buffer.putInt(40, this.blankSectors);
		buffer.putInt(44, 0);
	}

	Frame withChain(int chain) {
		return new Frame(this.position, chain, this.kind, this.bodyLength, this.count, this.firstIndex, this.term,
				this.blankSectors);
	}

	/** Reads a head; null if there is none at this position of this segment. */
	static @Nullable Frame head(ByteBuffer buffer, int at, long segment, long position) {
		if (buffer.getInt(at) != MAGIC || buffer.getInt(at + CHECK_AT) != check(buffer, at, segment, position)) {
			return null;
		}
		FrameKind kind = FrameKind.of(buffer.getInt(at + CHAINED_FROM));
		int bodyLength = buffer.getInt(at + 16);
		int count = buffer.getInt(at + 20);
		if (kind == null || bodyLength < 0 || count < 0) {
			return null;
		}
		return new Frame(position, buffer.getInt(at + CHAIN_AT), kind, bodyLength, count, buffer.getLong(at + 24),
				buffer.getLong(at + 32), buffer.getInt(at + 40));
	}

	/** The check of a complete head, which tells it from stale or moved bytes as well. */
	static int check(ByteBuffer buffer, int at, long segment, long position) {
		CRC32C crc = new CRC32C();
		update(crc, segment);
		update(crc, position);
		crc.update(buffer.slice(at + CHAIN_AT, HEAD - CHAIN_AT));
		return (int) crc.getValue();
	}

	/**
	 * The chain up to a frame whose bytes, from its head to its body's end, are given.
	 */
	static int chain(int previous, byte[] bytes, int at, int bodyLength) {
		CRC32C crc = new CRC32C();
		for (int shift = 24; shift >= 0; shift -= 8) {
			crc.update(previous >>> shift);
		}
		crc.update(bytes, at + CHAINED_FROM, HEAD - CHAINED_FROM + bodyLength);
		return (int) crc.getValue();
	}

	private static void update(CRC32C crc, long value) {
		for (int shift = 56; shift >= 0; shift -= 8) {
			crc.update((int) (value >>> shift));
		}
	}

}
