package dev.kvserver.server.mvcc;

/**
 * Bounds of the store.
 *
 * @param valueCacheBytes how many bytes of values are kept in memory at their keys; 0
 * keeps none, so that every value is read from the storage
 * @param compactionBatchLimit how many revisions the background compaction removes in one
 * turn of the apply thread, above 0; a key that keeps all of its own counts as one
 * @param compactionHashes whether each compaction first hashes the whole history, which
 * reads all of it, for members to compare: see {@link MvccStore#hash}
 */
public record MvccOptions(long valueCacheBytes, int compactionBatchLimit, boolean compactionHashes) {

	/**
	 * Options with compaction hashes, as in etcd.
	 * @param valueCacheBytes the first option
	 * @param compactionBatchLimit the second option
	 */
	public MvccOptions(long valueCacheBytes, int compactionBatchLimit) {
		this(valueCacheBytes, compactionBatchLimit, true);
	}

	/**
	 * A quarter of the largest heap for values, 1,000 revisions per turn.
	 * @return the defaults
	 */
	public static MvccOptions defaults() {
		return new MvccOptions(Runtime.getRuntime().maxMemory() / 4, 1_000);
	}

}
