package dev.kvserver.server.bolt;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Writes a bbolt file from front to back, with a page or two in memory.
 * <p>
 * The first page of a file says where the root of everything is and how many pages there
 * are, which is known only when the last page has been made. bbolt goes back and writes
 * the first page last; a stream to a client cannot. A file on disk to stream from would
 * do, but would take as much space as the data itself, at the moment it is being saved.
 * So everything is written twice: first to nowhere, which gives the {@link BoltLayout},
 * then for good. That costs a second walk over the data, which must not change in
 * between, and no memory. It is the same code both times, so the pages are bound to be
 * the same.
 * <p>
 * One thread at a time.
 */
public final class BoltWriter {

	private static final long TRANSACTION = 2;

	private static final byte[] ZEROS = new byte[BoltFormat.PAGE_BYTES];

	private final PageSink sink;

	private final @Nullable BoltLayout layout;

	private final List<byte[]> bucketNames = new ArrayList<>();

	private final List<Long> bucketRoots = new ArrayList<>();

	private final ByteBuffer buffer = BoltFormat.allocate(BoltFormat.PAGE_BYTES);

	private long nextPage;

	private @Nullable BoltTree bucket;

	private BoltWriter(PageSink sink, @Nullable BoltLayout layout) {
		this.sink = sink;
		this.layout = layout;
	}

	/**
	 * A writer that only counts.
	 * @return the writer; its {@link #end()} answers the layout
	 */
	public static BoltWriter counting() {
		BoltWriter writer = new BoltWriter((pages) -> {
		}, null);
		writer.nextPage = BoltFormat.FIRST_PAGE;
		return writer;
	}

	/**
	 * A writer of a file that has been counted. The first pages are written at once.
	 * @param sink takes the pages
	 * @param layout what counting the same entries gave
	 * @return the writer
	 */
	public static BoltWriter writing(PageSink sink, BoltLayout layout) {
		BoltWriter writer = new BoltWriter(sink, layout);
		// The higher transaction wins. Both say the same, as in a copy made by bbolt.
		writer.writeMeta(layout, TRANSACTION);
		writer.writeMeta(layout, TRANSACTION - 1);
		return writer;
	}

	private void writeMeta(BoltLayout counted, long transaction) {
		ByteBuffer page = cleared(1);
		page.putLong(this.nextPage).putShort((short) BoltFormat.FLAG_META).putShort((short) 0).putInt(0);
		page.putInt(BoltFormat.MAGIC).putInt(BoltFormat.VERSION).putInt(BoltFormat.PAGE_BYTES).putInt(0);
		page.putLong(counted.root()).putLong(0).putLong(BoltFormat.NO_FREE_LIST);
		page.putLong(counted.pages()).putLong(transaction);
		page.putLong(BoltFormat.checksum(page, BoltFormat.PAGE_HEADER_BYTES));
		this.sink.write(page.rewind());
		this.nextPage++;
	}

	/**
	 * Begins a bucket, after the one before has ended.
	 * @param name its name, above the names of those before in unsigned byte order
	 */
	public void beginBucket(byte[] name) {
		if (this.bucket != null) {
			throw new IllegalStateException("the bucket before has not ended");
		}
		this.bucketNames.add(name);
		this.bucket = new BoltTree(this, false);
	}

	/**
	 * Adds an entry to the bucket.
	 * @param key the key, from 1 to 32,768 bytes, above those before in unsigned byte
	 * order; kept and must not be changed
	 * @param value the value, possibly empty; kept for a while and must not be changed
	 * @throws IllegalArgumentException if the key is none, too long or out of order
	 */
	public void put(byte[] key, byte[] value) {
		requireNonNull(this.bucket, "no bucket has begun").put(key, value);
	}

	/**
	 * Ends the bucket.
	 */
	public void endBucket() {
		this.bucketRoots.add(requireNonNull(this.bucket, "no bucket has begun").end());
		this.bucket = null;
	}

	/**
	 * Ends the file, after the last bucket has ended.
	 * @return its layout
	 * @throws IllegalStateException if it is not what was counted
	 */
	public BoltLayout end() {
		BoltTree tree = new BoltTree(this, true);
		for (int i = 0; i < this.bucketNames.size(); i++) {
			byte[] header = BoltFormat.allocate(BoltFormat.BUCKET_HEADER_BYTES)
				.putLong(this.bucketRoots.get(i))
				.array();
			tree.put(this.bucketNames.get(i), header);
		}
		long root = tree.end();
		BoltLayout written = new BoltLayout(this.nextPage, root);
		if (this.layout != null && !this.layout.equals(written)) {
			throw new IllegalStateException("layout: " + written + " (expected: " + this.layout + ")");
		}
		return written;
	}

	/** Writes a node, empties it and answers its page. */
	long write(BoltNode node) {
		int pages = node.pages();
		long id = this.nextPage;
		if (this.layout != null) {
			ByteBuffer target = cleared(pages);
			node.write(target, id);
			this.sink.write(target.rewind());
		}
		node.clear();
		this.nextPage += pages;
		return id;
	}

	/** Zeros for some pages. A large buffer is not kept. */
	private ByteBuffer cleared(int pages) {
		if (pages > 1) {
			return BoltFormat.allocate(Math.multiplyExact(pages, BoltFormat.PAGE_BYTES));
		}
		return this.buffer.clear().put(ZEROS).clear();
	}

}
