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

/**
 * A real etcd of one member. It has to be told its ports, because it advertises them; the
 * fixture takes free ones and tries others when somebody was faster.
 */
public final class EtcdProcess extends RestartableProcess {

	private static final Pattern READY = Pattern.compile("ready to serve client requests");

	private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

	private static final int START_ATTEMPTS = 5;

	private final EtcdBinary binary;

	private final List<String> flags;

	/**
	 * Prepares a member without starting it. Given a {@code --cert-file} it speaks TLS to
	 * clients.
	 * @param binary the server's executable
	 * @param flags what is added to the command line
	 */
	public EtcdProcess(EtcdBinary binary, String... flags) {
		super("etcd-");
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
		return directory().resolve("data");
	}

	@Override
	public String name() {
		return "etcd " + this.binary.version();
	}

	@Override
	public void start() {
		for (int attempt = 1;; attempt++) {
			List<Integer> ports = freePorts();
			servesOn(ports.get(0));
			try {
				run(command(ports.get(0), ports.get(1)), READY, START_TIMEOUT);
				return;
			}
			catch (AssertionError ex) {
				boolean taken = String.join("\n", output()).contains("address already in use");
				if (!taken || attempt == START_ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	private List<String> command(int clientPort, int peerPort) {
		boolean tls = this.flags.stream().anyMatch((flag) -> flag.startsWith("--cert-file="));
		String clientUrl = (tls ? "https" : "http") + "://127.0.0.1:" + clientPort;
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
