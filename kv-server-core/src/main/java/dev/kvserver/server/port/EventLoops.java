package dev.kvserver.server.port;

import java.net.StandardSocketOptions;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * The threads of one port: one accepts, the others serve. They are ours and not gRPC's
 * shared ones, which go away with gRPC's last connection while HTTP/1 connections are
 * still open. The accepting thread is no daemon, so that an application which only serves
 * does not exit.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the termination is awaited
final class EventLoops {

	private static final int CLOSE_TIMEOUT_SECONDS = 5;

	private final boolean epoll;

	private final EventLoopGroup acceptor;

	private final EventLoopGroup workers;

	private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

	/**
	 * Makes the threads, which start when they are first needed.
	 * @param transport how to talk to the kernel
	 * @param threads number of serving threads; 0 is one per core
	 * @throws PortException if the transport is not available here
	 */
	EventLoops(PortTransport transport, int threads) {
		this.epoll = useEpoll(transport);
		IoHandlerFactory io = this.epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
		int cores = Runtime.getRuntime().availableProcessors();
		this.acceptor = new MultiThreadIoEventLoopGroup(1, new Threads("kv-accept", false), io);
		this.workers = new MultiThreadIoEventLoopGroup((threads > 0) ? threads : cores, new Threads("kv-serve", true),
				io);
	}

	boolean isEpoll() {
		return this.epoll;
	}

	Class<? extends ServerChannel> channelType() {
		return this.epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
	}

	/** What unix sockets are accepted by; epoll only. */
	Class<? extends ServerChannel> unixChannelType() {
		return EpollServerDomainSocketChannel.class;
	}

	/** The option by which several processes share an address. */
	ChannelOption<Boolean> reusePort() {
		return this.epoll ? EpollChannelOption.SO_REUSEPORT : NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);
	}

	EventLoopGroup acceptor() {
		return this.acceptor;
	}

	EventLoopGroup workers() {
		return this.workers;
	}

	/**
	 * Ends the threads and with them, without further ado, every channel they still
	 * serve. Blocks until they are gone; not to be called from one of them.
	 */
	void close() {
		this.acceptor.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		this.workers.shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
		this.acceptor.terminationFuture().awaitUninterruptibly();
		this.workers.terminationFuture().awaitUninterruptibly();
		boolean interrupted = false;
		for (Thread thread : this.threads) {
			interrupted |= joinUninterruptibly(thread);
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A thread says that it has terminated while it still has a few steps to go.
	 */
	private static boolean joinUninterruptibly(Thread thread) {
		boolean interrupted = false;
		while (thread.isAlive()) {
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		return interrupted;
	}

	private static boolean useEpoll(PortTransport transport) {
		return switch (transport) {
			case AUTO -> Epoll.isAvailable();
			case NIO -> false;
			case EPOLL -> {
				if (!Epoll.isAvailable()) {
					throw new PortException("The epoll transport is not available on this machine; use auto or nio",
							Epoll.unavailabilityCause());
				}
				yield true;
			}
		};
	}

	/**
	 * Makes the threads and remembers them.
	 */
	private final class Threads extends DefaultThreadFactory {

		Threads(String name, boolean daemon) {
			super(name, daemon);
		}

		@Override
		protected Thread newThread(Runnable task, String name) {
			Thread thread = super.newThread(task, name);
			EventLoops.this.threads.add(thread);
			return thread;
		}

	}

}
