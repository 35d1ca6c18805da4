package dev.kvserver.server.rpc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;

/**
 * One service behind a real connection, with the executor the port uses: calls run on the
 * event loop.
 */
final class LocalServer implements AutoCloseable {

	/** Small, so that tests of slow readers need not send megabytes. */
	private static final int FLOW_CONTROL_WINDOW_BYTES = 65_535;

	private final Server server;

	private final ManagedChannel channel;

	LocalServer(BindableService service) throws IOException {
		InetAddress loopback = InetAddress.getLoopbackAddress();
		this.server = NettyServerBuilder.forAddress(new InetSocketAddress(loopback, 0))
			.directExecutor()
			.addService(service)
			.build()
			.start();
		this.channel = NettyChannelBuilder.forAddress(new InetSocketAddress(loopback, this.server.getPort()))
			.usePlaintext()
			.flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
			.build();
	}

	ManagedChannel channel() {
		return this.channel;
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
		this.server.shutdownNow();
		try {
			this.channel.awaitTermination(30, TimeUnit.SECONDS);
			this.server.awaitTermination(30, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
