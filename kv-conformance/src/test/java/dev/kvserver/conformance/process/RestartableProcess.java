package dev.kvserver.conformance.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/** What all servers under test share: a directory that outlives their process. */
abstract class RestartableProcess implements ServerUnderTest {

	private final TemporaryDirectory directory;

	private @Nullable ChildProcess process;

	private int port;

	RestartableProcess(String directoryPrefix) {
		this.directory = new TemporaryDirectory(directoryPrefix);
	}

	final Path directory() {
		return this.directory.path();
	}

	/** Starts the process and blocks until it has written the line. */
	final Matcher run(List<String> command, Pattern readyLine, Duration timeout) {
		this.process = ChildProcess.start(command, directory(), readyLine);
		return this.process.awaitReady(timeout);
	}

	final void servesOn(int port) {
		this.port = port;
	}

	@Override
	public final int port() {
		return this.port;
	}

	@Override
	public final void kill() {
		if (this.process != null) {
			this.process.kill();
		}
	}

	@Override
	public final List<String> output() {
		return (this.process != null) ? this.process.output() : List.of();
	}

	@Override
	public final void close() {
		kill();
		this.directory.delete();
	}

}
