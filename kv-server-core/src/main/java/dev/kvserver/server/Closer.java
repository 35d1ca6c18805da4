package dev.kvserver.server;

import java.util.ArrayDeque;
import java.util.Deque;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes in reverse what was opened one after the other, whatever fails on the way. */
final class Closer implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Closer.class);

	private final Deque<AutoCloseable> opened = new ArrayDeque<>();

	/** Takes something that is open; returns it. */
	<T extends AutoCloseable> T add(T resource) {
		this.opened.push(resource);
		return resource;
	}

	@Override
	public void close() {
		while (!this.opened.isEmpty()) {
			AutoCloseable resource = this.opened.pop();
			try {
				resource.close();
			}
			catch (Exception ex) {
				logger.warn("{} could not be closed", resource.getClass().getSimpleName(), ex);
			}
		}
	}

}
