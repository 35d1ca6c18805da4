package dev.kvserver.server.mvcc;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the store does on threads that are not its own: jobs that read a view, may take
 * long, and give up when the store is closed. At the end none is under way: they read the
 * storage, which is closed next.
 */
final class BackgroundJobs implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(BackgroundJobs.class);

	private final Executor executor;

	/** Those that have begun and not ended; also the lock of this class. */
	private final Set<Job> running = new HashSet<>();

	private volatile boolean closed;

	BackgroundJobs(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Starts a job. It runs on the calling thread if that is what the executor does.
	 * @param job the job
	 * @param whenNotRun run instead if there is no thread for it or the store is closed
	 */
	void start(Job job, Runnable whenNotRun) {
		try {
			this.executor.execute(() -> run(job, whenNotRun));
		}
		catch (RejectedExecutionException ex) {
			logger.warn("There is no thread for a background job of the store", ex);
			whenNotRun.run();
		}
	}

	private void run(Job job, Runnable whenNotRun) {
		if (!begin(job)) {
			whenNotRun.run();
			return;
		}
		try {
			job.run(() -> this.closed);
		}
		catch (RuntimeException ex) {
			logger.error("A background job of the store has failed", ex);
		}
		finally {
			end(job);
		}
	}

	private boolean begin(Job job) {
		synchronized (this.running) {
			return !this.closed && this.running.add(job);
		}
	}

	private void end(Job job) {
		synchronized (this.running) {
			this.running.remove(job);
			this.running.notifyAll();
		}
	}

	/** Tells the jobs to give up, and waits until they have. */
	@Override
	public void close() {
		this.closed = true;
		boolean interrupted = false;
		synchronized (this.running) {
			while (!this.running.isEmpty()) {
				try {
					this.running.wait();
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Something that takes long. */
	@FunctionalInterface
	interface Job {

		/**
		 * Does it.
		 * @param stopped asked now and then whether to give up
		 */
		void run(BooleanSupplier stopped);

	}

}
