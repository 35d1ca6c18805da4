package dev.kvserver.benchmarks.load.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import dev.kvserver.benchmarks.load.process.ProcessUsage;
import dev.kvserver.benchmarks.load.process.ServerProcess;
import dev.kvserver.benchmarks.load.workload.LoadOptions;
import dev.kvserver.benchmarks.load.workload.LoadResult;
import dev.kvserver.benchmarks.load.workload.Probe;
import dev.kvserver.benchmarks.load.workload.SetupException;
import dev.kvserver.benchmarks.load.workload.Workload;

/**
 * A server with a data directory of its own, which was empty at first and is deleted at
 * the end. It can be ended and started again on the same data.
 */
final class RunningServer implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofMinutes(3);

	private final Path directory;

	private final List<String> command;

	private final InetSocketAddress endpoint;

	private ServerProcess process;

	/** Starts the server, and waits until it has acknowledged a put. */
	RunningServer(ServerCommand server, Path dataRoot) {
		try {
			int port = freePort();
			this.directory = Files.createTempDirectory(Files.createDirectories(dataRoot), "kv-compare-");
			this.endpoint = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
			this.command = server.at(port, this.directory.resolve("data"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.process = start();
		try (Probe probe = probe()) {
			probe.awaitPut();
		}
		catch (SetupException ex) {
			String log = this.process.logTail();
			close();
			throw new SetupException(server.name() + ": " + ex.getMessage() + "\n" + log);
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private ServerProcess start() {
		return ServerProcess.start(this.command, this.directory.resolve("log"));
	}

	private Probe probe() {
		return new Probe(this.endpoint, this.process::isAlive, PATIENCE);
	}

	/** Puts a load on the server. */
	LoadResult load(Workload workload, LoadOptions options) {
		return workload.run(options, this.endpoint, this.process.pid());
	}

	ProcessUsage usage() {
		return ProcessUsage.read(this.process.pid());
	}

	/** Asks the server to end; returns the seconds until it has. */
	double terminate() {
		return this.process.terminate();
	}

	void kill() {
		this.process.kill();
	}

	/**
	 * Starts the server again after it has ended.
	 * @return the seconds until it has answered a get of a key that was there
	 */
	double restart(LoadOptions options) {
		this.process = start();
		try (Probe probe = probe()) {
			return (probe.awaitKey(options) - this.process.startedNanos()) / 1e9;
		}
		catch (SetupException ex) {
			throw new SetupException(ex.getMessage() + "\n" + this.process.logTail());
		}
	}

	@Override
	public void close() {
		this.process.close();
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
