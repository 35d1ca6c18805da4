package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.grpc.Server;
import io.netty.channel.Channel;

/**
 * The listening sockets of one port: those that gRPC owns, several of them per server,
 * and those of ours. Not thread-safe while it is filled, and not changed after that.
 */
final class Sockets implements AutoCloseable {

	private final List<Server> servers = new ArrayList<>();

	private final List<SocketAddress> addresses = new ArrayList<>();

	private final List<Channel> http = new ArrayList<>();

	private final List<Channel> metrics = new ArrayList<>();

	/**
	 * Starts a server of gRPC, which is closed with the others even if that fails.
	 * @param server the server
	 * @param wanted where it is to listen; nothing for a unix socket, which has no
	 * address
	 */
	void startGrpc(Server server, List<InetSocketAddress> wanted) throws IOException {
		this.servers.add(server);
		server.start();
		if (!wanted.isEmpty()) {
			this.addresses.addAll(inOrder(wanted, server.getListenSockets()));
		}
	}

	void addHttp(Channel channel) {
		this.http.add(channel);
	}

	void addMetrics(Channel channel) {
		this.metrics.add(channel);
	}

	/** Those of gRPC, unix sockets left out. */
	List<SocketAddress> addresses() {
		return List.copyOf(this.addresses);
	}

	List<SocketAddress> httpAddresses() {
		return this.http.stream().map(Channel::localAddress).toList();
	}

	List<SocketAddress> metricsAddresses() {
		return this.metrics.stream().map(Channel::localAddress).toList();
	}

	/** Stops listening; connections are not touched, but told by gRPC to go away. */
	void shutdown() {
		this.servers.forEach(Server::shutdown);
		closeOurs();
	}

	/** Waits for the connections of gRPC. */
	boolean awaitTermination(long timeoutNanos) throws InterruptedException {
		long deadline = System.nanoTime() + timeoutNanos;
		boolean ended = true;
		for (Server server : this.servers) {
			ended &= server.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
		}
		return ended;
	}

	/** Stops listening and cuts the connections of gRPC off. */
	@Override
	public void close() {
		this.servers.forEach(Server::shutdownNow);
		closeOurs();
	}

	private void closeOurs() {
		this.http.forEach((channel) -> channel.close().awaitUninterruptibly());
		this.metrics.forEach((channel) -> channel.close().awaitUninterruptibly());
	}

	/**
	 * gRPC lists the sockets in no particular order.
	 */
	private static List<SocketAddress> inOrder(List<InetSocketAddress> wanted, List<? extends SocketAddress> bound) {
		List<SocketAddress> rest = new ArrayList<>(bound);
		List<SocketAddress> ordered = new ArrayList<>();
		for (InetSocketAddress each : wanted) {
			rest.stream().filter((address) -> isBoundFor(each, address)).findFirst().ifPresent((address) -> {
				ordered.add(address);
				rest.remove(address);
			});
		}
		// Those for all interfaces may be bound as another kind of address.
		ordered.addAll(rest);
		return ordered;
	}

	private static boolean isBoundFor(InetSocketAddress wanted, SocketAddress bound) {
		return bound instanceof InetSocketAddress address && address.getAddress().equals(wanted.getAddress())
				&& (wanted.getPort() == 0 || wanted.getPort() == address.getPort());
	}

}
