package dev.kvserver.benchmarks.load.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that was started here. It ends with this process at the latest.
 */
public final class ServerProcess implements AutoCloseable {

	private static final int STOP_SECONDS = 60;

	private static final int LOG_TAIL_CHARS = 2_000;

	private final Process process;

	private final long startedNanos;

	private final Path log;

	private final Thread hook;

	private ServerProcess(Process process, long startedNanos, Path log) {
		this.process = process;
		this.startedNanos = startedNanos;
		this.log = log;
		this.hook = new Thread(process::destroyForcibly, "end-server");
		Runtime.getRuntime().addShutdownHook(this.hook);
	}

	/**
	 * Starts a server.
	 * @param command the program and its arguments
	 * @param log where what it prints is appended
	 * @return the process, which may not be ready yet
	 */
	public static ServerProcess start(List<String> command, Path log) {
		try {
			ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
			long now = System.nanoTime();
			return new ServerProcess(builder.start(), now, log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot start " + command, ex);
		}
	}

	/**
	 * The process.
	 * @return its id
	 */
	public long pid() {
		return this.process.pid();
	}

	/**
	 * When it was started.
	 * @return nanoseconds, as of {@link System#nanoTime()}
	 */
	public long startedNanos() {
		return this.startedNanos;
	}

	/**
	 * Whether it still runs.
	 * @return whether it has not ended
	 */
	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Asks it to end, with SIGTERM, and waits until it has; it is killed if it does not.
	 * @return how long that took, in seconds
	 */
	public double terminate() {
		long began = System.nanoTime();
		this.process.destroy();
		awaitEnd();
		return (System.nanoTime() - began) / 1e9;
	}

	/**
	 * Ends it at once, with SIGKILL, and waits until it is gone.
	 */
	public void kill() {
		this.process.destroyForcibly();
		awaitEnd();
	}

	private void awaitEnd() {
		try {
			if (!this.process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
			}
			Runtime.getRuntime().removeShutdownHook(this.hook);
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
		catch (IllegalStateException ex) {
			// This process is ending, so the hook does its work.
			this.process.destroyForcibly();
		}
	}

	/**
	 * The last of what it has printed.
	 * @return some lines
	 */
	public String logTail() {
		try {
			String text = Files.readString(this.log);
			return text.substring(Math.max(0, text.length() - LOG_TAIL_CHARS));
		}
		catch (IOException ex) {
			return "(" + ex + ")";
		}
	}

	/**
	 * Ends it with SIGTERM, if it still runs.
	 */
	@Override
	public void close() {
		terminate();
	}

}
