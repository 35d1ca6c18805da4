package dev.kvserver.server.loop;

/**
 * Work that one thread owns, done in turns. A {@link LoopThread} calls it in production;
 * a simulation calls it by hand, turn by turn, so that threaded code is tested without
 * threads.
 */
public interface Agent {

	/**
	 * Does what is there to do now, in a bounded amount. Never waits for more to come.
	 * @return how much was done; 0 lets the thread sleep until it is woken or until
	 * {@link #idleNanos()} have passed
	 * @throws Exception what ends the loop: a broken invariant or a failed device
	 */
	int doWork() throws Exception;

	/**
	 * How long the thread may sleep when there is nothing to do.
	 * @return nanoseconds, above 0; the default is unlimited
	 */
	default long idleNanos() {
		return Long.MAX_VALUE;
	}

	/**
	 * Called once, on the owning thread, when the loop has ended.
	 */
	default void onClose() {
	}

}
