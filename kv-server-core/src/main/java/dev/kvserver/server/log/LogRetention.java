package dev.kvserver.server.log;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log short, on a thread of its own: when enough has been appended since the
 * last time, it makes the store durable and lets the log forget what the store now holds.
 * It also gets the log's next segment ready.
 * <p>
 * A store that cannot be made durable ends the loop: the failure leaves
 * {@link #doWork()}. A segment that cannot be made ready does not, for the log may never
 * need it, and tries again itself when it does.
 */
public final class LogRetention implements Agent {

	/** How much log is kept unless told otherwise. */
	public static final long FLUSH_AFTER_BYTES_DEFAULT = 64L << 20;

	private static final Logger logger = LoggerFactory.getLogger(LogRetention.class);

	private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	/** A full disk is not filled up again at once. */
	private static final long IDLE_AFTER_FAILURE_NANOS = TimeUnit.SECONDS.toNanos(5);

	private final Log log;

	private final Storage storage;

	private final LongSupplier storedIndex;

	private final long flushAfterBytes;

	/** How much had been appended when the store was last made durable. */
	private long flushedBytes;

	private boolean unprepared;

	/**
	 * Makes the agent.
	 * @param log the log
	 * @param storage the store that the log's entries are applied to
	 * @param storedIndex the index up to which the effects of entries have been written
	 * to the store; any thread
	 * @param flushAfterBytes how much may be appended before the store is made durable
	 */
	public LogRetention(Log log, Storage storage, LongSupplier storedIndex, long flushAfterBytes) {
		this.log = log;
		this.storage = storage;
		this.storedIndex = storedIndex;
		this.flushAfterBytes = flushAfterBytes;
	}

	@Override
	public int doWork() {
		prepare();
		long appendedBytes = this.log.appendedBytes();
		if (appendedBytes - this.flushedBytes < this.flushAfterBytes) {
			return 0;
		}
		// Read before the flush, so that the flush covers it.
		long index = this.storedIndex.getAsLong();
		this.storage.flush();
		this.log.truncateBefore(index + 1);
		this.flushedBytes = appendedBytes;
		return 1;
	}

	private void prepare() {
		try {
			this.log.prepare();
			this.unprepared = false;
		}
		catch (StorageException ex) {
			if (!this.unprepared) {
				logger.warn("The next segment of the log could not be made ready; this is tried again", ex);
			}
			this.unprepared = true;
		}
	}

	@Override
	public long idleNanos() {
		return this.unprepared ? IDLE_AFTER_FAILURE_NANOS : IDLE_NANOS;
	}

}
