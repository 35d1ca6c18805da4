package dev.kvserver.server.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;

import dev.kvserver.server.storage.StorageException;

/**
 * The first sector of a segment file, which is durable before the file gets its name.
 * Segments are numbered without gaps and each says what the one before must end with.
 * Numbers are big-endian:
 *
 * <pre>
 *    0  magic "KVLOG001"
 *    8  number
 *   16  index of the first entry
 *   24  term in force at its start
 *   32  size of the file
 *   40  chain of the last frame of the segment before
 *   44  check: CRC32C of the bytes 0 to 44
 *   48  zeros up to the end of the sector, then frames
 * </pre>
 *
 * @param number the number of the segment, from 1
 * @param firstIndex the index of its first entry, be it there already or not
 * @param term the term in force at its start
 * @param sizeBytes the size of the file
 * @param previousChain the chain its first frame continues
 */
record Segment(long number, long firstIndex, long term, long sizeBytes, int previousChain) {

	static final String SUFFIX = ".log";

	private static final long MAGIC = 0x4b56_4c4f_4730_3031L;

	private static final int CHECK_AT = 44;

	private static final int HEAD = 48;

	/** The file of the segment: its number and its first index in hexadecimal. */
	Path path(Path directory) {
		return path(directory, this.number, this.firstIndex);
	}

	static Path path(Path directory, long number, long firstIndex) {
		return directory.resolve("%016x-%016x".formatted(number, firstIndex) + SUFFIX);
	}

	/** The sector as it is written. */
	ByteBuffer sector() {
		ByteBuffer sector = ByteBuffer.allocate(Frame.SECTOR);
		sector.putLong(MAGIC)
			.putLong(this.number)
			.putLong(this.firstIndex)
			.putLong(this.term)
			.putLong(this.sizeBytes)
			.putInt(this.previousChain);
		sector.putInt(check(sector));
		return sector.rewind();
	}

	/**
	 * Reads a first sector.
	 * @param sector the sector, or what there is of it
	 * @param path the file, whose name must agree
	 */
	static Segment of(ByteBuffer sector, Path path) {
		if (sector.limit() < Frame.SECTOR) {
			throw new StorageException("%s is damaged at offset %d: it ends within its header. %s".formatted(path,
					sector.limit(), LogRecovery.ADVICE), null);
		}
		Segment segment = new Segment(sector.getLong(8), sector.getLong(16), sector.getLong(24), sector.getLong(32),
				sector.getInt(40));
		boolean intact = sector.getLong(0) == MAGIC && sector.getInt(CHECK_AT) == check(sector)
				&& FrameWriter.isBlank(sector, HEAD, Frame.SECTOR - HEAD);
		if (!intact) {
			throw new StorageException(
					"%s is damaged at offset 0: its header is not valid. %s".formatted(path, LogRecovery.ADVICE), null);
		}
		if (!path.equals(segment.path(path.resolveSibling(".").normalize()))) {
			throw new StorageException(
					"%s is damaged at offset 8: it is segment %d from index %d, not what its name says. %s"
						.formatted(path, segment.number, segment.firstIndex, LogRecovery.ADVICE),
					null);
		}
		return segment;
	}

	private static int check(ByteBuffer sector) {
		CRC32C crc = new CRC32C();
		crc.update(sector.slice(0, CHECK_AT));
		return (int) crc.getValue();
	}

}
