package dev.kvserver.server.port;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.kvserver.server.http.HttpConnection;
import dev.kvserver.server.http.HttpOptions;
import dev.kvserver.server.http.HttpRoutes;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.EventExecutor;

/**
 * The connections of one port: how many there are, and which of them speak HTTP/1. The
 * latter are ours alone, because gRPC has been told to forget them and reports itself
 * terminated while they are still open. Any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class Connections {

	private final int max;

	private final HttpRoutes routes;

	private final HttpOptions httpOptions;

	private final ChannelGroup http;

	private final AtomicInteger open = new AtomicInteger();

	private final UnreadAnswers unread;

	private volatile boolean draining;

	Connections(int max, HttpRoutes routes, HttpOptions httpOptions, EventExecutor executor, UnreadAnswers unread) {
		this.max = max;
		this.routes = routes;
		this.httpOptions = httpOptions;
		this.http = new DefaultChannelGroup(executor, true);
		this.unread = unread;
	}

	/**
	 * Counts a new connection.
	 * @param channel the connection
	 * @return {@code false} if there are too many
	 */
	boolean admit(Channel channel) {
		int count = this.open.incrementAndGet();
		channel.closeFuture().addListener((closed) -> this.open.decrementAndGet());
		return this.max == 0 || count <= this.max;
	}

	/**
	 * Makes a connection speak HTTP/1. Its event loop only.
	 * @param channel a connection without handlers behind the caller's
	 */
	void serveHttp1(Channel channel) {
		serveHttp1(channel, this.routes);
	}

	/**
	 * Makes a connection speak HTTP/1. Its event loop only.
	 * @param channel a connection without handlers behind the caller's
	 * @param served what is served on it
	 */
	void serveHttp1(Channel channel, HttpRoutes served) {
		channel.pipeline().addLast(new GrpcCommandGuard());
		HttpConnection.addTo(channel.pipeline(), served, this.httpOptions);
		this.http.add(channel);
		if (this.draining) {
			drain(channel);
		}
	}

	/**
	 * Counts what a connection is answered and does not read. Its event loop only.
	 * @param channel the connection
	 * @return its count
	 */
	UnreadAnswers.Share unread(Channel channel) {
		return this.unread.share(channel);
	}

	/**
	 * How many connections are open, whatever they speak.
	 * @return the number
	 */
	int open() {
		return this.open.get();
	}

	/**
	 * Lets every HTTP/1 connection finish the answer it is working on and then closes it.
	 */
	void drain() {
		this.draining = true;
		this.http.forEach(Connections::drain);
	}

	private static void drain(Channel channel) {
		channel.pipeline().fireUserEventTriggered(HttpConnection.DRAIN);
	}

	/**
	 * Whether no HTTP/1 connection is left.
	 * @return {@code true} when none is open
	 */
	boolean httpIsEmpty() {
		return this.http.isEmpty();
	}

	/**
	 * Waits until no HTTP/1 connection is left.
	 * @param timeoutNanos how long at most
	 * @return {@code false} on timeout
	 * @throws InterruptedException if interrupted
	 */
	boolean awaitHttpClosed(long timeoutNanos) throws InterruptedException {
		return this.http.newCloseFuture().await(timeoutNanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * Closes every HTTP/1 connection, and at once those that come later.
	 */
	void close() {
		this.draining = true;
		this.http.close();
	}

}
