package dev.kvserver.conformance.process;

import java.util.List;

/**
 * A server in a process of its own that keeps its data in a directory, so that it can be
 * killed and started again. One thread uses it.
 */
public interface ServerUnderTest extends AutoCloseable {

	/**
	 * What the server is, for messages.
	 * @return a name and, where known, a version
	 */
	String name();

	/**
	 * The client port of the running process on 127.0.0.1. It may be another one after
	 * each start.
	 * @return a port from 1 to 65535
	 */
	int port();

	/**
	 * Starts the process on its directory and blocks until it serves.
	 * @throws AssertionError if it ends or does not serve in time; the message has the
	 * end of its output
	 */
	void start();

	/**
	 * Kills the process (SIGKILL) and blocks until it is gone; the directory stays. Does
	 * nothing when it does not run.
	 */
	void kill();

	/**
	 * The newest lines that the process has written, oldest first.
	 * @return at most some hundred lines
	 */
	List<String> output();

	/** Kills the process and deletes its directory. */
	@Override
	void close();

}
