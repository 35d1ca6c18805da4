package dev.kvserver.conformance.process;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.port.PortOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our server as a process. Arguments: the data directory, or {@code memory}; then the
 * interval of progress notifications in milliseconds, and the kind of token.
 */
final class OursMain {

	private static final Logger LOGGER = LoggerFactory.getLogger(OursMain.class);

	/** The least: here nobody guesses passwords, and many users are added. */
	private static final int BCRYPT_COST = 4;

	private OursMain() {
	}

	public static void main(String[] args) throws InterruptedException {
		KvServerOptions.Builder options = KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.watchProgressNotifyInterval(Duration.ofMillis(Long.parseLong(args[1])))
			.auth(new AuthOptions(args[2], AuthOptions.DEFAULTS.tokenTtl(), BCRYPT_COST));
		if (!args[0].equals("memory")) {
			options.dataDirectory(Path.of(args[0]));
		}
		KvServer server = KvServer.open(options.build());
		server.listen();
		LOGGER.info("Ready on port {}", server.port());
		Thread.currentThread().join();
	}

}
