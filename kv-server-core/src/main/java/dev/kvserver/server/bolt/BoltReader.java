package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Reads a bbolt file that nobody writes to, trusting nothing in it: whatever the bytes
 * are, reading ends, with the entries or with a {@link BoltFormatException}, and takes
 * memory for one path from root to leaf only.
 * <p>
 * One thread at a time; everything blocks on the disk.
 */
public final class BoltReader implements AutoCloseable {

	private final BoltFile file;

	private final BoltMeta meta;

	/** The element of each bucket in the tree of buckets. */
	private final TreeMap<byte[], Bucket> buckets = new TreeMap<>(Arrays::compareUnsigned);

	private BoltReader(BoltFile file) {
		this.file = file;
		this.meta = BoltMeta.read(file);
		BoltWalk walk = new BoltWalk(file, this.meta);
		walk.tree(this.meta.root(), (page, index) -> {
			if (!page.isBucket(index)) {
				throw page.damaged(index, "a value where a bucket is expected");
			}
			this.buckets.put(page.key(index), new Bucket(bucket(page, index), page.valueOffset(index)));
		});
	}

	private static ByteBuffer bucket(BoltPage page, int index) {
		return ByteBuffer.wrap(page.value(index)).order(ByteOrder.LITTLE_ENDIAN);
	}

	/**
	 * Opens a file and reads which buckets it has.
	 * @param path the file
	 * @param sizeBytes how much of it counts, from its beginning
	 * @return the reader
	 * @throws BoltFormatException if it cannot be read or is not such a file
	 */
	public static BoltReader open(Path path, long sizeBytes) {
		BoltFile file = BoltFile.open(path, sizeBytes);
		boolean opened = false;
		try {
			BoltReader reader = new BoltReader(file);
			opened = true;
			return reader;
		}
		finally {
			if (!opened) {
				file.close();
			}
		}
	}

	/**
	 * The names of all buckets.
	 * @return the names in unsigned byte order
	 */
	public List<byte[]> buckets() {
		return List.copyOf(this.buckets.keySet());
	}

	/**
	 * Hands over all entries of a bucket in ascending unsigned byte order of keys.
	 * @param name the name of the bucket; nothing happens if there is none
	 * @param visitor takes the entries
	 * @throws BoltFormatException if a page is not as it should be; entries before it
	 * have been handed over
	 */
	public void read(byte[] name, Visitor visitor) {
		Bucket bucket = this.buckets.get(name);
		if (bucket == null) {
			return;
		}
		BoltWalk walk = new BoltWalk(this.file, this.meta);
		ElementVisitor elements = (page, index) -> {
			if (page.isBucket(index)) {
				throw page.damaged(index, "a bucket where a value is expected");
			}
			visitor.entry(page.key(index), page.value(index));
		};
		ByteBuffer header = bucket.value;
		if (header.limit() < BoltFormat.BUCKET_HEADER_BYTES) {
			throw this.file.damaged(bucket.offset, "a bucket of " + header.limit() + " bytes");
		}
		long root = header.getLong(0);
		if (root != 0) {
			walk.tree(root, elements);
		}
		else {
			walk.inline(header, bucket.offset, elements);
		}
	}

	@Override
	public void close() {
		this.file.close();
	}

	/** Takes the entries of a bucket. */
	@FunctionalInterface
	public interface Visitor {

		/**
		 * Takes an entry.
		 * @param key the key, not empty
		 * @param value the value, possibly empty
		 */
		void entry(byte[] key, byte[] value);

	}

	/** Takes the elements of leaves. */
	@FunctionalInterface
	interface ElementVisitor {

		void element(BoltPage page, int index);

	}

	/**
	 * A bucket's header, with the bucket itself if it is a small one.
	 *
	 * @param value the bytes, in the format's byte order
	 * @param offset where they are in the file
	 */
	private record Bucket(ByteBuffer value, long offset) {
	}

}
