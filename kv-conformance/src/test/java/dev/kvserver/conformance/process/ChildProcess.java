package dev.kvserver.conformance.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A running process whose output is read all the time: one line of it tells that the
 * process serves, the newest lines explain a failure. It dies with this JVM.
 */
final class ChildProcess {

	private static final int LINES_KEPT = 300;

	private final Process process;

	private final Pattern readyLine;

	private final CompletableFuture<Matcher> ready = new CompletableFuture<>();

	private final Deque<String> newestLines = new ArrayDeque<>();

	private final Thread deathWithParent;

	private ChildProcess(Process process, Pattern readyLine) {
		this.process = process;
		this.readyLine = readyLine;
		this.deathWithParent = new Thread(process::destroyForcibly);
		Runtime.getRuntime().addShutdownHook(this.deathWithParent);
		Thread reader = new Thread(this::readOutput, "output of " + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	static ChildProcess start(List<String> command, Path directory, Pattern readyLine) {
		ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
		// Flags of an etcd that the caller's shell is set up for must not reach this one.
		builder.environment().keySet().removeIf((name) -> name.startsWith("ETCD_") || name.startsWith("ETCDCTL_"));
		try {
			return new ChildProcess(builder.start(), readyLine);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Blocks until the line that tells readiness was written.
	 * @return the match of that line, or nothing if the process ended before
	 */
	Matcher awaitReady(Duration timeout) {
		try {
			return this.ready.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			kill();
			throw new AssertionError("Process did not get ready:\n" + String.join("\n", output()), ex);
		}
	}

	List<String> output() {
		synchronized (this.newestLines) {
			return List.copyOf(this.newestLines);
		}
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	void kill() {
		this.process.destroyForcibly();
		try {
			this.process.waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		removeHook();
	}

	private void removeHook() {
		try {
			Runtime.getRuntime().removeShutdownHook(this.deathWithParent);
		}
		catch (IllegalStateException ex) {
			// The JVM is going down already, and the hook has run or is about to.
		}
	}

	private void readOutput() {
		try (BufferedReader lines = this.process.inputReader(UTF_8)) {
			for (String line = lines.readLine(); line != null; line = lines.readLine()) {
				keep(line);
				Matcher matcher = this.readyLine.matcher(line);
				if (matcher.find()) {
					this.ready.complete(matcher);
				}
			}
			this.ready.completeExceptionally(new IllegalStateException("The process has ended"));
		}
		catch (IOException ex) {
			this.ready.completeExceptionally(ex);
		}
	}

	private void keep(String line) {
		synchronized (this.newestLines) {
			if (this.newestLines.size() == LINES_KEPT) {
				this.newestLines.removeFirst();
			}
			this.newestLines.addLast(line);
		}
	}

}
