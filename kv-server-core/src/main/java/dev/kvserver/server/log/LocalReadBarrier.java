package dev.kvserver.server.log;

import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.Counter;

/**
 * The barrier of a single node: a write is acknowledged only after its view has been
 * published, so every view is fresh and nobody waits.
 */
public final class LocalReadBarrier implements ReadBarrier {

	private final Counter failed = new Counter();

	private volatile boolean closed;

	@Override
	public void await(Reader reader) {
		reader.ready();
	}

	@Override
	public void requireOpen() {
		if (this.closed) {
			this.failed.increment();
			throw EtcdError.STOPPED.exception();
		}
	}

	/**
	 * How many reads were refused.
	 * @return the counter
	 */
	public Counter failed() {
		return this.failed;
	}

	/** Lets nobody read any more. Any thread. */
	public void close() {
		this.closed = true;
	}

}
