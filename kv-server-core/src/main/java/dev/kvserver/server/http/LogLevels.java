package dev.kvserver.server.http;

/** Sets how much is logged. The core knows no logging system, so others do it. */
@FunctionalInterface
public interface LogLevels {

	/**
	 * Sets the level of all logging. Any thread; must not block.
	 * @param level one of {@code TRACE}, {@code DEBUG}, {@code INFO}, {@code WARN} and
	 * {@code ERROR}
	 */
	void set(String level);

}
