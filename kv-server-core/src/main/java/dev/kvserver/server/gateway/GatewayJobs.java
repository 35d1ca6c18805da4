package dev.kvserver.server.gateway;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

import com.google.common.util.concurrent.MoreExecutors;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's work away from the event loops. Refuses to begin what could not be
 * carried on: a stream has at most one job waiting at any time, so that none of its
 * messages is lost for want of room. Any thread.
 */
public final class GatewayJobs {

	private static final int STREAMS_MAX = 20_000;

	private static final int LARGE_MAX = 1_000;

	/**
	 * How many jobs an executor must be able to keep waiting; ended streams may have one.
	 */
	public static final int WAITING_MAX = 2 * STREAMS_MAX + LARGE_MAX;

	private final Executor executor;

	private final Semaphore streams = new Semaphore(STREAMS_MAX);

	private final Semaphore large = new Semaphore(LARGE_MAX);

	/**
	 * Begins without work.
	 * @param executor runs the jobs; takes {@link #WAITING_MAX}, and rejects only when it
	 * has more or is shut down
	 */
	public GatewayJobs(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Admits a stream.
	 * @param over completed when it has ended
	 * @return what runs its jobs one after the other, {@code null} if there are too many
	 * streams
	 */
	@Nullable Executor tryStream(CompletionStage<?> over) {
		if (!this.streams.tryAcquire()) {
			return null;
		}
		over.whenComplete((ended, failure) -> this.streams.release());
		return MoreExecutors.newSequentialExecutor(this.executor);
	}

	/**
	 * Runs a job that would take an event loop too long.
	 * @param job the job
	 * @return {@code false} if there are too many
	 */
	boolean tryLarge(Runnable job) {
		if (!this.large.tryAcquire()) {
			return false;
		}
		try {
			this.executor.execute(() -> {
				this.large.release();
				job.run();
			});
			return true;
		}
		catch (RejectedExecutionException ex) {
			this.large.release();
			return false;
		}
	}

}
