package dev.kvserver.server.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The content of a simulated file: what is seen, and what would survive. */
final class SimulatedFile {

	private static final int SECTOR = 512;

	private byte[] visible = {};

	private byte[] durable = {};

	private final List<Write> unforced = new ArrayList<>();

	SimulatedFile() {
	}

	SimulatedFile(byte[] content) {
		this.visible = content.clone();
		this.durable = content.clone();
	}

	byte[] content() {
		return this.visible.clone();
	}

	int size() {
		return this.visible.length;
	}

	void write(byte[] bytes, int position) {
		this.unforced.add(new Write(position, bytes));
		this.visible = overwritten(this.visible, bytes, 0, bytes.length, position);
	}

	int read(ByteBuffer target, long position) {
		int count = (int) Math.max(0, Math.min(target.remaining(), this.visible.length - position));
		if (count > 0) {
			target.put(this.visible, (int) position, count);
		}
		return count;
	}

	void force() {
		for (Write write : this.unforced) {
			this.durable = overwritten(this.durable, write.bytes, 0, write.bytes.length, write.position);
		}
		this.unforced.clear();
	}

	/**
	 * What a kernel does when a sync fails: the pages stay readable but count as clean,
	 * so that no later sync writes them.
	 */
	void failForce() {
		this.unforced.clear();
	}

	/** The content after a power loss: of each unforced write all, nothing or parts. */
	SimulatedFile surviving(SplittableRandom random) {
		byte[] content = this.durable;
		for (Write write : this.unforced) {
			content = write.torn(content, random);
		}
		return new SimulatedFile(content);
	}

	private static byte[] overwritten(byte[] content, byte[] bytes, int from, int to, int position) {
		byte[] result = content;
		if (position + to > content.length) {
			result = Arrays.copyOf(content, position + to);
		}
		System.arraycopy(bytes, from, result, position + from, to - from);
		return result;
	}

	/** Bytes on their way to the disk. */
	private static final class Write {

		private final int position;

		private final byte[] bytes;

		Write(int position, byte[] bytes) {
			this.position = position;
			this.bytes = bytes;
		}

		byte[] torn(byte[] content, SplittableRandom random) {
			return switch (random.nextInt(4)) {
				case 0 -> content;
				case 1 -> overwritten(content.clone(), this.bytes, 0, this.bytes.length, this.position);
				case 2 -> overwritten(content.clone(), this.bytes, 0, somePrefix(content, random), this.position);
				default -> someSectors(content.clone(), random);
			};
		}

		/**
		 * A disk writes a sector or does not, which is what everybody's log relies on.
		 * Where nothing was before, the log stands even a write cut off within a sector.
		 */
		private int somePrefix(byte[] content, SplittableRandom random) {
			int length = random.nextInt(this.bytes.length + 1);
			int sectorStart = Math.max(this.position, (this.position + length) / SECTOR * SECTOR);
			for (int i = sectorStart; i < Math.min(content.length, sectorStart + SECTOR); i++) {
				if (content[i] != 0) {
					return sectorStart - this.position;
				}
			}
			return length;
		}

		private byte[] someSectors(byte[] content, SplittableRandom random) {
			byte[] result = content;
			for (int from = 0; from < this.bytes.length;) {
				int to = Math.min(this.bytes.length, from + SECTOR - (this.position + from) % SECTOR);
				if (random.nextBoolean()) {
					result = overwritten(result, this.bytes, from, to, this.position);
				}
				from = to;
			}
			return result;
		}

	}

}
