package dev.kvserver.server;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads for what takes too long for a loop; they end while there is nothing to do. */
final class WorkerPool implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(WorkerPool.class);

	private static final int IDLE_SECONDS = 10;

	private final String name;

	private final ThreadPoolExecutor executor;

	WorkerPool(String name, int threads, int waitingMax) {
		this.name = name;
		this.executor = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(waitingMax), this::newThread);
		this.executor.allowCoreThreadTimeOut(true);
	}

	private Thread newThread(Runnable task) {
		Thread thread = new Thread(task, this.name);
		thread.setDaemon(true);
		return thread;
	}

	Executor executor() {
		return this.executor;
	}

	@Override
	public void close() {
		List<Runnable> waiting = this.executor.shutdownNow();
		logger.debug("{}: {} tasks were waiting", this.name, waiting.size());
	}

}
