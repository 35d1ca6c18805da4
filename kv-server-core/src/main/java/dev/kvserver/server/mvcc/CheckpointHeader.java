package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint of the index says about itself. All numbers are big-endian.
 * <p>
 * {@code lastChange} ties it to the storage: the checksum of the stored bytes of the last
 * change that it covers. Where the storage has that change, it has all before it, and is
 * the one that the checkpoint was made of.
 *
 * @param revision the revision of the index
 * @param compactRevision the revision below which it may lack history, -1 for none
 * @param keys the number of keys
 * @param blocks the number of blocks that follow
 * @param lastChange the checksum of the last change of that revision
 */
record CheckpointHeader(long revision, long compactRevision, long keys, long blocks, int lastChange) {

	/** Changes with the format. */
	private static final byte[] MAGIC = "kvindex1".getBytes(StandardCharsets.US_ASCII);

	static final int BYTES = 8 + 4 * Long.BYTES + 2 * Integer.BYTES;

	ByteBuffer encode() {
		ByteBuffer bytes = ByteBuffer.allocate(BYTES);
		bytes.put(MAGIC).putLong(this.revision).putLong(this.compactRevision).putLong(this.keys).putLong(this.blocks);
		bytes.putInt(this.lastChange);
		return bytes.putInt(checksum(bytes)).flip();
	}

	/** Reads a whole header; {@code null} if it is damaged or of another format. */
	static @Nullable CheckpointHeader decode(ByteBuffer bytes) {
		byte[] magic = new byte[MAGIC.length];
		bytes.get(0, magic);
		boolean intact = Arrays.equals(magic, MAGIC)
				&& bytes.getInt(BYTES - Integer.BYTES) == checksum(bytes.position(BYTES - Integer.BYTES));
		return intact ? new CheckpointHeader(bytes.getLong(8), bytes.getLong(16), bytes.getLong(24), bytes.getLong(32),
				bytes.getInt(40)) : null;
	}

	/** Over everything before the position. */
	private static int checksum(ByteBuffer bytes) {
		CRC32C crc = new CRC32C();
		crc.update(bytes.duplicate().flip());
		return (int) crc.getValue();
	}

	/** The checksum of a stored change. */
	static int checksum(byte[] key, byte[] value) {
		CRC32C crc = new CRC32C();
		crc.update(key);
		crc.update(value);
		return (int) crc.getValue();
	}

}
