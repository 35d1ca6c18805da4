package dev.kvserver.server.port;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Makes room for a unix socket. A server that was killed leaves its file behind, on which
 * nobody listens, and which keeps the next one from listening.
 */
final class UnixSocket {

	private UnixSocket() {
	}

	/**
	 * Deletes a file that was left behind. Blocks.
	 * @param file where the socket is to be
	 * @param loops the threads of the port
	 * @throws PortException if there is something else, or somebody listens there, or
	 * unix sockets are not available here
	 */
	static void prepare(Path file, EventLoops loops) {
		if (!loops.isEpoll()) {
			throw new PortException(
					"Unix sockets, such as " + file + ", need the epoll transport, which is not in use here", null);
		}
		try {
			if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
				return;
			}
			if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
				throw new PortException("Failed to bind to " + file + ": it is there, and is no socket", null);
			}
			if (isInUse(file)) {
				throw new PortException("Failed to bind to " + file + ": Address already in use", null);
			}
			Files.delete(file);
		}
		catch (IOException ex) {
			throw PortException.of("Failed to bind to " + file, ex);
		}
	}

	private static boolean isInUse(Path file) throws IOException {
		try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			return channel.connect(UnixDomainSocketAddress.of(file));
		}
		catch (ConnectException ex) {
			return false;
		}
	}

}
