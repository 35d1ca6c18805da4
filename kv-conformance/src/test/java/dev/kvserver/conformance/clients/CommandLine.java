package dev.kvserver.conformance.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Runs a program.
 */
final class CommandLine {

	private static final long TIMEOUT_SECONDS = 60;

	private CommandLine() {
	}

	/**
	 * Runs a program to its end.
	 * @param input what it reads
	 */
	static Result run(List<String> command, String input) {
		return run(command, input, TIMEOUT_SECONDS);
	}

	/**
	 * Runs a program that may take long to its end.
	 * @param input what it reads
	 * @param timeoutSeconds how long at most
	 */
	static Result run(List<String> command, String input, long timeoutSeconds) {
		try {
			Path output = Files.createTempFile("output", ".txt");
			Path errors = Files.createTempFile("errors", ".txt");
			Process process = builder(command).redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
			try (OutputStream stdin = process.getOutputStream()) {
				stdin.write(input.getBytes(UTF_8));
			}
			if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
				process.destroyForcibly();
				throw new AssertionError("Does not end: " + command + "\n" + Files.readString(output, UTF_8)
						+ Files.readString(errors, UTF_8));
			}
			Result result = new Result(process.exitValue(), Files.readString(output, UTF_8),
					Files.readString(errors, UTF_8));
			Files.delete(output);
			Files.delete(errors);
			return result;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Starts a program that goes on until it is closed. */
	static Running start(List<String> command) {
		try {
			return new Running(builder(command).redirectErrorStream(true).start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ProcessBuilder builder(List<String> command) {
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment().keySet().removeIf((name) -> name.startsWith("ETCDCTL_"));
		return builder;
	}

	/**
	 * What a program came to.
	 *
	 * @param exit its exit status
	 * @param output what it wrote
	 * @param errors what it complained about
	 */
	record Result(int exit, String output, String errors) {

	}

	/** A program that is running. */
	static final class Running implements AutoCloseable {

		private final Process process;

		private final BufferedReader lines;

		Running(Process process) {
			this.process = process;
			this.lines = process.inputReader(UTF_8);
		}

		/** Blocks until the program has written a line; returns all up to it. */
		List<String> readUntil(String last) {
			return readUntil(last::equals);
		}

		/** Blocks until the program has written such a line; returns all up to it. */
		List<String> readUntil(Predicate<String> last) {
			Thread watchdog = new Thread(this::killWhenLate);
			watchdog.setDaemon(true);
			watchdog.start();
			try {
				List<String> read = new ArrayList<>();
				while (read.isEmpty() || !last.test(read.get(read.size() - 1))) {
					String line = this.lines.readLine();
					if (line == null) {
						throw new AssertionError("The program has ended after " + read);
					}
					read.add(line);
				}
				return read;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			finally {
				watchdog.interrupt();
			}
		}

		/** Asks the program to end, and blocks until it has. */
		void interrupt() {
			this.process.destroy();
			try {
				if (!this.process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
					throw new AssertionError("The program does not end");
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}

		@Override
		public void close() {
			this.process.destroyForcibly();
		}

		private void killWhenLate() {
			try {
				if (!this.process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
					this.process.destroyForcibly();
				}
			}
			catch (InterruptedException ex) {
				// All lines have come.
			}
		}

	}

}
