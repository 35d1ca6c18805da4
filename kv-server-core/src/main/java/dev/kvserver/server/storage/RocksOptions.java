package dev.kvserver.server.storage;

/**
 * The bounds of a RocksDB store.
 *
 * @param writeBufferBytes how much is gathered in memory before RocksDB writes it out by
 * itself; up to four such buffers exist at a time
 * @param blockCacheBytes how much of the stored blocks is kept in memory
 * @param openFilesMax how many files RocksDB keeps open
 * @param backgroundJobsMax how many threads flush and merge files
 */
public record RocksOptions(long writeBufferBytes, long blockCacheBytes, int openFilesMax, int backgroundJobsMax) {

	/** For a machine with a few cores and a store of a few gigabytes. */
	public static final RocksOptions DEFAULTS = new RocksOptions(16L << 20, 64L << 20, 512, 2);

	/**
	 * Checks the bounds.
	 */
	public RocksOptions {
		requireAtLeast("writeBufferBytes", writeBufferBytes, 64 << 10);
		requireAtLeast("blockCacheBytes", blockCacheBytes, 0);
		requireAtLeast("openFilesMax", openFilesMax, 32);
		requireAtLeast("backgroundJobsMax", backgroundJobsMax, 1);
	}

	private static void requireAtLeast(String name, long value, long min) {
		if (value < min) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + min + ")");
		}
	}

	/**
	 * The same options with another block cache.
	 * @param bytes its size, 0 or more
	 * @return the options
	 */
	public RocksOptions withBlockCacheBytes(long bytes) {
		return new RocksOptions(this.writeBufferBytes, bytes, this.openFilesMax, this.backgroundJobsMax);
	}

}
