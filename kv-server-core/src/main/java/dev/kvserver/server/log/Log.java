package dev.kvserver.server.log;

import java.util.List;

import dev.kvserver.server.metrics.LogMetrics;

/**
 * Entries in order, without gaps, from an index that moves up as the store becomes
 * durable. One thread appends; {@link #truncateBefore} and the readings may be called
 * from any thread.
 * <p>
 * A failed append is final: the log is then unusable, every later call throws, and what
 * was being appended may or may not be found after a restart.
 */
public interface Log extends AutoCloseable {

	/** The index of the first entry ever. */
	long FIRST_INDEX = 1;

	/** The term of the first start. */
	long FIRST_TERM = 2;

	/**
	 * The term for entries appended in this life of the log. It grows with each start.
	 * @return the term, at least {@link #FIRST_TERM}
	 */
	long term();

	/**
	 * The index of the last entry.
	 * @return the index; {@code FIRST_INDEX - 1} when nothing was ever appended
	 */
	long lastIndex();

	/**
	 * Appends entries and makes them durable, with one sync. Blocks.
	 * @param batch at least one entry; indexes follow {@link #lastIndex()} without a gap,
	 * terms are {@link #term()}
	 * @throws dev.kvserver.server.storage.StorageException if the disk fails
	 */
	void append(List<LogEntry> batch);

	/**
	 * Hands over the entries found at the start, in order and in batches of bounded size,
	 * without completions. Only before the first append. Blocks.
	 * @param afterIndex the last index not wanted: what the store has applied durably
	 * @param sink takes the entries
	 * @throws dev.kvserver.server.storage.StorageException if the disk fails, or if the
	 * log does not reach down or up to {@code afterIndex}: then segments are missing
	 */
	void replay(long afterIndex, CommitSink sink);

	/**
	 * Allows the log to forget entries that the store holds durably. It keeps more than
	 * that where forgetting is not worth the work. Blocks on the disk.
	 * @param index the first index to keep
	 */
	void truncateBefore(long index);

	/**
	 * How much has been appended, with what was found at the start. Never falls.
	 * @return bytes, framing included
	 */
	long appendedBytes();

	/**
	 * What is counted here.
	 * @return the metrics, all at 0 where there is no disk
	 */
	LogMetrics metrics();

	/**
	 * Gets ready what later appends need, so that they need not wait for it. Called now
	 * and then by the thread that truncates. Blocks on the disk.
	 */
	void prepare();

	@Override
	void close();

}
