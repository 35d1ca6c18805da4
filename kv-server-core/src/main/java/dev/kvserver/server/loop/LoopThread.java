package dev.kvserver.server.loop;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One named thread that owns an {@link Agent} and sleeps while there is nothing to do.
 * Other threads hand work over through the agent's own bounded queue and then call
 * {@link #wakeUp()}, which costs one volatile read while the loop is busy.
 * <p>
 * An exception of the agent ends the loop, is reported once, and never reaches the host's
 * JVM: we are a guest in somebody's application.
 */
public final class LoopThread implements AutoCloseable {

	private final Agent agent;

	private final Consumer<Throwable> onFailure;

	private final Thread thread;

	private final AtomicBoolean asleep = new AtomicBoolean();

	private volatile boolean closed;

	/**
	 * Makes the thread without starting it.
	 * @param name the thread's name
	 * @param agent the work it owns
	 * @param onFailure told, on this thread, what ended the loop before {@link #close()}
	 */
	public LoopThread(String name, Agent agent, Consumer<Throwable> onFailure) {
		this.agent = agent;
		this.onFailure = onFailure;
		this.thread = new Thread(this::run, name);
		this.thread.setDaemon(true);
	}

	/**
	 * Starts the thread.
	 */
	public void start() {
		this.thread.start();
	}

	/**
	 * Makes the loop look for work soon. Any thread; never blocks.
	 */
	public void wakeUp() {
		if (this.asleep.get() && this.asleep.compareAndSet(true, false)) {
			LockSupport.unpark(this.thread);
		}
	}

	/**
	 * Whether the caller is this loop's thread.
	 * @return {@code true} on the owning thread
	 */
	public boolean isOwner() {
		return Thread.currentThread() == this.thread;
	}

	/**
	 * Ends the loop after its current turn and waits for it. Must not be called by the
	 * loop itself.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.asleep.set(false);
		LockSupport.unpark(this.thread);
		boolean interrupted = false;
		while (this.thread.isAlive()) {
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private void run() {
		try {
			while (!this.closed) {
				if (this.agent.doWork() == 0) {
					sleep();
				}
			}
		}
		catch (Throwable ex) {
			this.onFailure.accept(ex);
		}
		finally {
			this.agent.onClose();
		}
	}

	/**
	 * Announces the sleep, looks once more, then parks: whoever hands work over after the
	 * announcement sees it and unparks.
	 */
	private void sleep() throws Exception {
		this.asleep.set(true);
		if (this.closed || this.agent.doWork() != 0) {
			this.asleep.set(false);
			return;
		}
		long nanos = this.agent.idleNanos();
		while (this.asleep.get() && !this.closed) {
			if (nanos == Long.MAX_VALUE) {
				LockSupport.park(this);
			}
			else {
				LockSupport.parkNanos(this, nanos);
				this.asleep.set(false);
			}
			if (Thread.interrupted()) {
				this.asleep.set(false);
			}
		}
	}

}
