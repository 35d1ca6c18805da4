package dev.kvserver.server.watch;

import java.util.concurrent.TimeUnit;

/**
 * Bounds of the watch loop.
 *
 * @param queueRevisionsMax how many revisions may wait between the apply thread and the
 * loop; what does not fit is read from the store later
 * @param queueBytesMax how many bytes of events may wait there
 * @param historyEventsMax how many events are kept in memory for watchers that are a
 * little behind; older ones are read from the store
 * @param historyBytesMax how many bytes they may take
 * @param chunkRevisionsMax how many revisions a watcher that is behind gets in one
 * response at most
 * @param chunkBytesMax how many bytes of memory are read for it at a time, roughly, about
 * two for each byte of an event, unless a single revision is larger
 * @param responseBytesMax the largest encoded response to a watcher that is behind, where
 * it has more than one revision and must not be split into fragments
 * @param batchBytesMax from how many bytes on responses of a stream are handed to its
 * sink, without waiting for the end of the loop's turn
 * @param fragmentBytes from which encoded size on a response is split, for watchers that
 * allow it
 * @param progressIntervalNanos time between two looks for idle watchers that want to hear
 * about progress; at least 100 ms, below that 100 ms are taken
 */
public record WatchOptions(int queueRevisionsMax, long queueBytesMax, int historyEventsMax, long historyBytesMax,
		int chunkRevisionsMax, int chunkBytesMax, int responseBytesMax, int batchBytesMax, int fragmentBytes,
		long progressIntervalNanos) {

	/** What gRPC may need around a request: etcd adds it to its request limit. */
	private static final int GRPC_OVERHEAD_BYTES = 512 * 1024;

	/** What clients of grpc-java take unless told otherwise; grpc-go's take anything. */
	private static final int GRPC_MESSAGE_BYTES = 4 << 20;

	private static final long PROGRESS_INTERVAL_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

	/**
	 * Takes the interval's minimum into account.
	 */
	public WatchOptions {
		progressIntervalNanos = Math.max(progressIntervalNanos, PROGRESS_INTERVAL_NANOS_MIN);
	}

	/**
	 * The defaults, with etcd's 1.5 MiB for the largest request.
	 * @return the options
	 */
	public static WatchOptions defaults() {
		return new WatchOptions(8_192, 32 << 20, 10_000, 32 << 20, 1_000, 16 << 20, GRPC_MESSAGE_BYTES, 64 << 10,
				1536 * 1024 + GRPC_OVERHEAD_BYTES, TimeUnit.MINUTES.toNanos(10));
	}

	/**
	 * The same with another limit of requests, on which the size of fragments depends.
	 * @param requestBytesMax the largest request in bytes
	 * @return the options
	 */
	public WatchOptions withRequestBytesMax(int requestBytesMax) {
		return new WatchOptions(this.queueRevisionsMax, this.queueBytesMax, this.historyEventsMax, this.historyBytesMax,
				this.chunkRevisionsMax, this.chunkBytesMax, this.responseBytesMax, this.batchBytesMax,
				requestBytesMax + GRPC_OVERHEAD_BYTES, this.progressIntervalNanos);
	}

	/**
	 * The same with another interval of progress notifications.
	 * @param nanos the interval in nanoseconds
	 * @return the options
	 */
	public WatchOptions withProgressInterval(long nanos) {
		return new WatchOptions(this.queueRevisionsMax, this.queueBytesMax, this.historyEventsMax, this.historyBytesMax,
				this.chunkRevisionsMax, this.chunkBytesMax, this.responseBytesMax, this.batchBytesMax,
				this.fragmentBytes, nanos);
	}

}
