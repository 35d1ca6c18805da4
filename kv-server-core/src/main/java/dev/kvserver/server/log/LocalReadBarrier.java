package dev.kvserver.server.log;

import dev.kvserver.server.error.EtcdError;

/**
 * The barrier of a single node: a write is acknowledged only after its view has been
 * published, so every view is fresh and nobody waits.
 */
public final class LocalReadBarrier implements ReadBarrier {

	private volatile boolean closed;

	@Override
	public void await(Reader reader) {
		reader.ready();
	}

	@Override
	public void requireOpen() {
		if (this.closed) {
			throw EtcdError.STOPPED.exception();
		}
	}

	/** Lets nobody read any more. Any thread. */
	public void close() {
		this.closed = true;
	}

}
