package dev.kvserver.server.log;

/**
 * Makes a read linearizable: what was acknowledged anywhere before the call is readable
 * here when the reader runs.
 */
public interface ReadBarrier {

	/**
	 * Runs {@code reader} as soon as the current view holds every write that was
	 * acknowledged before this call. Any thread; never blocks.
	 * @param reader told once, on this thread before the method returns or on another
	 * one; it must not block
	 */
	void await(Reader reader);

	/**
	 * Refuses reads of any kind once the state is not to be trusted. Any thread; never
	 * blocks.
	 * @throws dev.kvserver.server.error.EtcdException {@code STOPPED}
	 */
	void requireOpen();

	/** A read that waits for the barrier. Exactly one method is called, once. */
	interface Reader {

		/**
		 * The view taken from now on is fresh enough.
		 */
		void ready();

		/**
		 * It could not be made certain.
		 * @param failure an {@code EtcdException} where the client gets etcd's error
		 */
		void failed(Throwable failure);

	}

}
