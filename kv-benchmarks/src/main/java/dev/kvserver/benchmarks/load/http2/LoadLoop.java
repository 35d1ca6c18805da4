package dev.kvserver.benchmarks.load.http2;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;

/**
 * The one thread that runs all connections and all that happens on them. Other threads
 * hand it work with {@link #call} and {@link #execute}.
 * <p>
 * What is to be sent is collected and handed to the sockets when a connection's bytes
 * have been dealt with, so that what one read brings is answered with one write.
 */
public final class LoadLoop implements AutoCloseable {

	private static final int READ_BYTES = 32 * 1024;

	private static final int TIMEOUT_SECONDS = 30;

	private final EventLoopGroup group;

	private final EventExecutor thread;

	private final Class<? extends Channel> channelType;

	private final ArrayDeque<Connection> dirty = new ArrayDeque<>();

	private Runnable afterRead = () -> {
	};

	private long now = System.nanoTime();

	/**
	 * Starts the thread.
	 */
	public LoadLoop() {
		boolean epoll = Epoll.isAvailable();
		this.group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("load", true),
				epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
		this.thread = this.group.next();
		this.channelType = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
	}

	/**
	 * When the latest bytes were read.
	 * @return nanoseconds, as of {@link System#nanoTime()}
	 */
	public long now() {
		return this.now;
	}

	/**
	 * Sets what is to be done each time a connection's bytes have been dealt with, before
	 * anything is sent.
	 * @param task the task
	 */
	public void afterRead(Runnable task) {
		this.afterRead = task;
	}

	/**
	 * Connects, and waits until the server has said what it allows.
	 * @param address the server's address
	 * @return the connection
	 * @throws ConnectionException if that did not work
	 */
	public Connection connect(InetSocketAddress address) {
		String authority = address.getHostString() + ":" + address.getPort();
		CompletableFuture<Connection> made = new CompletableFuture<>();
		ChannelFuture connect = bootstrap((channel) -> made.complete(join(channel, authority))).connect(address);
		if (!connect.awaitUninterruptibly(TIMEOUT_SECONDS, TimeUnit.SECONDS) || !connect.isSuccess()) {
			throw new ConnectionException("cannot connect to " + authority + ": " + connect.cause());
		}
		Connection connection = made.join();
		try {
			return connection.ready().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			close(connection);
			throw new ConnectionException("no HTTP/2 from " + authority + ": " + ex.getMessage());
		}
	}

	private Bootstrap bootstrap(Consumer<Channel> setUp) {
		return new Bootstrap().group(this.group)
			.channel(this.channelType)
			.option(ChannelOption.TCP_NODELAY, true)
			.option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
			.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
			.handler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel channel) {
					setUp.accept(channel);
				}

			});
	}

	/** Before the channel connects: the server may speak first. */
	private Connection join(Channel channel, String authority) {
		Connection connection = new Connection(this, channel, authority);
		channel.pipeline().addLast(new Reader(connection));
		return connection;
	}

	/**
	 * Closes a connection. Calls on it end with {@link CallStatus#LOST}.
	 * @param connection the connection
	 */
	public void close(Connection connection) {
		execute(() -> connection.lost("closed"));
	}

	/**
	 * Has the thread do something, and waits for the result.
	 * @param <T> the type of the result
	 * @param task what to do
	 * @return its result
	 */
	public <T> T call(Callable<T> task) {
		Future<T> result = this.thread.submit(() -> {
			T value = task.call();
			flush();
			return value;
		});
		if (!result.awaitUninterruptibly(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
			throw new IllegalStateException("The thread of the loop does not answer");
		}
		if (!result.isSuccess()) {
			throw new IllegalStateException(result.cause());
		}
		return result.getNow();
	}

	/**
	 * Has the thread do something soon.
	 * @param task what to do
	 */
	public void execute(Runnable task) {
		this.thread.execute(() -> {
			task.run();
			flush();
		});
	}

	/**
	 * Has the thread do something later.
	 * @param task what to do
	 * @param delayNanos how much later, in nanoseconds
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // nothing is ever called off
	public void schedule(Runnable task, long delayNanos) {
		this.thread.schedule(() -> {
			task.run();
			flush();
		}, delayNanos, TimeUnit.NANOSECONDS);
	}

	void dirty(Connection connection) {
		this.dirty.add(connection);
	}

	private void flush() {
		while (true) {
			Connection next = this.dirty.poll();
			if (next == null) {
				return;
			}
			next.flush();
		}
	}

	/**
	 * Closes all connections and ends the thread.
	 */
	@Override
	public void close() {
		this.group.shutdownGracefully(0, TIMEOUT_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
	}

	/** Hands what is read to the connection. */
	private final class Reader extends ChannelInboundHandlerAdapter {

		private final Connection connection;

		Reader(Connection connection) {
			this.connection = connection;
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			this.connection.flush();
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ByteBuf bytes = (ByteBuf) message;
			LoadLoop.this.now = System.nanoTime();
			try {
				this.connection.reader().read(bytes);
			}
			catch (Exception ex) {
				this.connection.lost(String.valueOf(ex.getMessage()));
			}
			finally {
				bytes.release();
			}
		}

		@Override
		public void channelReadComplete(ChannelHandlerContext context) {
			LoadLoop.this.afterRead.run();
			flush();
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			gone("the server closed the connection");
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
			gone(String.valueOf(cause.getMessage()));
		}

		private void gone(String why) {
			LoadLoop.this.now = System.nanoTime();
			this.connection.lost(why);
			LoadLoop.this.afterRead.run();
			flush();
		}

	}

}
