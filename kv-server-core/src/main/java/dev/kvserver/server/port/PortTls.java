package dev.kvserver.server.port;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.kvserver.server.tls.RejectedConnections;
import dev.kvserver.server.tls.TlsContext;
import dev.kvserver.server.tls.TlsException;
import dev.kvserver.server.tls.TlsOptions;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of one port: the keys in use, and the threads that compute with them, so that
 * many handshakes at once do not hold up the connections that are there. The queue of
 * those threads holds at most one task for each connection. Thread-safe.
 */
final class PortTls implements AutoCloseable {

	/** How a TLS record begins that begins a handshake; no text begins so. */
	static final byte HANDSHAKE_RECORD = 0x16;

	private static final Logger logger = LoggerFactory.getLogger(PortTls.class);

	private static final int IDLE_SECONDS = 10;

	private final TlsOptions options;

	private final long handshakeNanos;

	private final RejectedConnections rejected = new RejectedConnections(System::nanoTime);

	private final ThreadPoolExecutor handshakes;

	/** Replaced as a whole by a reload; a connection keeps the one it began with. */
	private volatile TlsContext context;

	/**
	 * Loads keys and certificates. Blocks.
	 * @throws TlsException if they cannot be used
	 */
	PortTls(TlsOptions options, long handshakeNanos) {
		this.options = options;
		this.handshakeNanos = handshakeNanos;
		this.context = TlsContext.open(options);
		int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
		this.handshakes = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), new DefaultThreadFactory("kv-handshake", true));
		this.handshakes.allowCoreThreadTimeOut(true);
	}

	boolean plaintextToo() {
		return this.options.plaintextToo();
	}

	/** How long a handshake may take. */
	long handshakeNanos() {
		return this.handshakeNanos;
	}

	/**
	 * Loads keys and certificates again, for the connections that come. Blocks.
	 * @throws TlsException if they cannot be used; those in use stay
	 */
	void reload() {
		this.context = TlsContext.open(this.options);
		logger.info("Keys and certificates were loaded again");
	}

	/**
	 * Makes a connection speak TLS. Its event loop only.
	 * @param before the handler behind which it begins
	 * @param inside what is offered to the client
	 * @param next told when the handshake is done, and put in charge
	 */
	void addAfter(ChannelHandlerContext before, TlsContext.Inside inside, TlsStage.Secured next) {
		TlsContext current = this.context;
		SslHandler handler = current.netty(inside).newHandler(before.alloc(), this.handshakes);
		handler.setHandshakeTimeout(this.handshakeNanos, TimeUnit.NANOSECONDS);
		TlsStage stage = new TlsStage(handler, current, this.rejected, next);
		before.pipeline().addAfter(before.name(), null, stage);
		before.pipeline().addAfter(before.name(), null, handler);
	}

	/** Ends the threads; no handshake can be completed any more. */
	@Override
	public void close() {
		this.handshakes.shutdownNow();
	}

}
