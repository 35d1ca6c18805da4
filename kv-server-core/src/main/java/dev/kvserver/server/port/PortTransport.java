package dev.kvserver.server.port;

/**
 * How the port talks to the kernel.
 */
public enum PortTransport {

	/** {@link #EPOLL} where it is available, else {@link #NIO}. */
	AUTO,
	/** The JDK's own sockets; everywhere. */
	NIO,
	/** Linux with Netty's native library; anywhere else the port does not start. */
	EPOLL

}
