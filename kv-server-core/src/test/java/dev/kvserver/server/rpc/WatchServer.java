package dev.kvserver.server.rpc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.loop.LoopThread;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.watch.WatchAuthorizer;
import dev.kvserver.server.watch.WatchLoop;
import dev.kvserver.server.watch.WatchOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;

/**
 * A server with nothing but Watch, on a store that the test's thread writes.
 */
final class WatchServer implements AutoCloseable {

	final WatchLoop loop;

	final WatchService service;

	private final MvccStore store = MvccStore.open(new MemoryStorage(), new MvccOptions(1 << 20, 100));

	private final LoopThread thread;

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	private final Server server;

	private ManagedChannel channel;

	private long index;

	private WatchServer(ServerBuilder<?> builder, UnaryOperator<ServerBuilder<?>> configuration) {
		this.loop = new WatchLoop(this.store.view(), ResponseHeader::getDefaultInstance, WatchOptions.defaults(),
				Clock.system(), 1);
		this.thread = new LoopThread("test-watch", this.loop, this.failure::set);
		this.loop.onWork(this.thread::wakeUp);
		this.thread.start();
		this.service = new WatchService(this.loop, () -> WatchAuthorizer.ALLOW_ALL);
		this.server = configuration.apply(builder.directExecutor().addService(this.service)).build();
		try {
			this.server.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.channel = channel();
	}

	/** Over TCP, with the allocator that batches need. */
	static WatchServer batching(UnaryOperator<ServerBuilder<?>> configuration) {
		NettyServerBuilder builder = NettyServerBuilder
			.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
		return new WatchServer(builder.withChildOption(ChannelOption.ALLOCATOR, new BatchAllocator()), configuration);
	}

	static WatchServer batching() {
		return batching(UnaryOperator.identity());
	}

	/** Over TCP, as any other server would have it. */
	static WatchServer plain() {
		return new WatchServer(
				NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
				UnaryOperator.identity());
	}

	static WatchServer inProcess() {
		return new WatchServer(InProcessServerBuilder.forName("watch"), UnaryOperator.identity());
	}

	private ManagedChannel channel() {
		if (this.server.getPort() < 0) {
			return InProcessChannelBuilder.forName("watch").build();
		}
		return NettyChannelBuilder.forAddress("127.0.0.1", port()).usePlaintext().build();
	}

	int port() {
		return this.server.getPort();
	}

	WatchClient client() {
		return new WatchClient(this.channel, Integer.MAX_VALUE);
	}

	/** A client that takes one response and then none until it asks for more. */
	WatchClient slowClient() {
		return new WatchClient(this.channel, 1);
	}

	/** Ends the loop as a failure would. */
	void stopLoop() {
		this.thread.close();
	}

	/** One revision for each value. */
	void put(String key, String... values) {
		for (String value : values) {
			WriteTxn txn = this.store.begin();
			txn.put(bytes(key), bytes(value), 0);
			txn.end();
		}
		this.index++;
		this.loop.published(this.store.commit(this.index, 1), this.store.takeEvents());
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/** Makes a new connection; the old one goes. */
	void reconnect() {
		this.channel.shutdownNow();
		this.channel = channel();
	}

	private void awaitTermination() {
		try {
			this.server.awaitTermination(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
		this.server.shutdownNow();
		awaitTermination();
		this.thread.close();
		if (this.failure.get() != null) {
			throw new IllegalStateException("The loop has failed", this.failure.get());
		}
	}

}
