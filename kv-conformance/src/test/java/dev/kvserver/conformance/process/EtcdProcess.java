package dev.kvserver.conformance.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A real etcd of one member. It has to be told its ports, because it advertises them; the
 * fixture takes free ones and tries others when somebody was faster.
 */
public final class EtcdProcess implements ServerUnderTest {

	private static final Pattern READY = Pattern.compile("ready to serve client requests");

	private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

	private static final int START_ATTEMPTS = 5;

	private final EtcdBinary binary;

	private final List<String> flags;

	private final TemporaryDirectory directory = new TemporaryDirectory("etcd-");

	private @Nullable ChildProcess process;

	private int port;

	/**
	 * Prepares a member without starting it.
	 * @param binary the server's executable
	 * @param flags what is added to the command line
	 */
	public EtcdProcess(EtcdBinary binary, String... flags) {
		this.binary = binary;
		this.flags = List.of(flags);
	}

	/**
	 * Starts a member that does not wait for its disk, where the version can do that. It
	 * answers the same, only faster.
	 * @param binary the server's executable
	 * @param flags what is added to the command line
	 * @return the running member
	 */
	public static EtcdProcess startFast(EtcdBinary binary, String... flags) {
		List<String> all = new ArrayList<>(List.of(flags));
		if (binary.isAtLeast(3, 5)) {
			all.add("--unsafe-no-fsync");
		}
		EtcdProcess etcd = new EtcdProcess(binary, all.toArray(String[]::new));
		etcd.start();
		return etcd;
	}

	/**
	 * The directory that the member keeps its data in, so that a test may fill it before
	 * the start.
	 * @return a directory that does not exist before that
	 */
	public Path dataDirectory() {
		return this.directory.path().resolve("data");
	}

	@Override
	public String name() {
		return "etcd " + this.binary.version();
	}

	@Override
	public int port() {
		return this.port;
	}

	@Override
	public void start() {
		for (int attempt = 1;; attempt++) {
			List<Integer> ports = freePorts();
			ChildProcess started = ChildProcess.start(command(ports.get(0), ports.get(1)), this.directory.path(),
					READY);
			this.process = started;
			this.port = ports.get(0);
			try {
				started.awaitReady(START_TIMEOUT);
				return;
			}
			catch (AssertionError ex) {
				boolean taken = String.join("\n", started.output()).contains("address already in use");
				if (!taken || attempt == START_ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	@Override
	public void kill() {
		if (this.process != null) {
			this.process.kill();
		}
	}

	@Override
	public List<String> output() {
		return (this.process != null) ? this.process.output() : List.of();
	}

	@Override
	public void close() {
		kill();
		this.directory.delete();
	}

	private List<String> command(int clientPort, int peerPort) {
		String clientUrl = "http://127.0.0.1:" + clientPort;
		String peerUrl = "http://127.0.0.1:" + peerPort;
		List<String> command = new ArrayList<>(
				List.of(this.binary.path().toString(), "--name=default", "--data-dir=" + dataDirectory(),
						"--logger=zap", "--log-outputs=stderr", "--listen-client-urls=" + clientUrl,
						"--advertise-client-urls=" + clientUrl, "--listen-peer-urls=" + peerUrl,
						"--initial-advertise-peer-urls=" + peerUrl, "--initial-cluster=default=" + peerUrl));
		command.addAll(this.flags);
		return command;
	}

	/** Ports that were free a moment ago. */
	private static List<Integer> freePorts() {
		InetAddress loopback = InetAddress.getLoopbackAddress();
		try (ServerSocket client = new ServerSocket(0, 1, loopback);
				ServerSocket peer = new ServerSocket(0, 1, loopback)) {
			return List.of(client.getLocalPort(), peer.getLocalPort());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
