package dev.kvserver.server.loop;

/**
 * The only source of time. Code that changes state never reads it; what depends on time
 * (lease deadlines, intervals) takes the reading as an argument.
 */
public interface Clock {

	/**
	 * A monotonic reading, comparable only with other readings of the same clock.
	 * @return nanoseconds from an arbitrary origin
	 */
	long nanoTime();

	/**
	 * The machine's monotonic clock.
	 * @return the clock
	 */
	static Clock system() {
		return System::nanoTime;
	}

}
