package dev.kvserver.server.mvcc;

/**
 * Bounds of the store.
 *
 * @param valueCacheBytes how many bytes of values are kept in memory at their keys; 0
 * keeps none, so that every value is read from the storage
 * @param compactionBatchLimit how many keys the background compaction looks at in one
 * turn of the apply thread, above 0
 */
public record MvccOptions(long valueCacheBytes, int compactionBatchLimit) {

	/**
	 * A quarter of the largest heap for values, 1,000 keys per turn.
	 * @return the defaults
	 */
	public static MvccOptions defaults() {
		return new MvccOptions(Runtime.getRuntime().maxMemory() / 4, 1_000);
	}

}
