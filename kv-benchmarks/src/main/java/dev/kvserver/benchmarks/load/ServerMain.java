package dev.kvserver.benchmarks.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;

/**
 * The server on its own, without Spring, with every default: what is measured.
 */
public final class ServerMain {

	private ServerMain() {
	}

	/**
	 * Starts the server, which ends with the process.
	 * @param args {@code --port} with the port, 0 for a free one, and {@code --data-dir}
	 * with the directory of the data, without which it is kept in memory
	 */
	public static void main(String[] args) {
		Arguments arguments = new Arguments(List.of(args));
		int port = arguments.number("port", 2379);
		String directory = arguments.text("data-dir", "");
		arguments.requireNoOthers();
		PortOptions portOptions = PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
			.build();
		KvServer server = KvServer.open(KvServerOptions.builder()
			.port(portOptions)
			.dataDirectory(directory.isEmpty() ? null : Path.of(directory))
			.build());
		Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
		server.listen();
		System.out.println("Listening on port " + server.port());
	}

	private static void stop(KvServer server) {
		try (server) {
			server.drain();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
