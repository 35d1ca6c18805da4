package dev.kvserver.server.port;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSession;

import dev.kvserver.server.http.HttpRoutes;
import dev.kvserver.server.tls.TlsContext;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A socket on which only HTTP/1 is spoken, apart from gRPC's: for the whole of it, or for
 * metrics and health only. TLS is the same as everywhere on the port.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class HttpListener {

	private final EventLoops loops;

	private final Connections connections;

	private final PortOptions options;

	private final @Nullable PortTls tls;

	HttpListener(EventLoops loops, Connections connections, PortOptions options, @Nullable PortTls tls) {
		this.loops = loops;
		this.connections = connections;
		this.options = options;
		this.tls = tls;
	}

	/**
	 * Begins to listen. Blocks until it does.
	 * @param address where
	 * @param routes what is served there
	 * @return the socket, to be closed by the caller
	 * @throws PortException if it cannot
	 */
	Channel open(InetSocketAddress address, HttpRoutes routes) {
		ServerBootstrap bootstrap = new ServerBootstrap().group(this.loops.acceptor(), this.loops.workers())
			.channel(this.loops.channelType())
			.option(ChannelOption.SO_REUSEADDR, this.options.reuseAddress())
			.childOption(ChannelOption.TCP_NODELAY, true)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel channel) {
					channel.pipeline().addLast(new Entry(routes));
				}

			});
		if (this.options.reusePort()) {
			bootstrap.option(this.loops.reusePort(), true);
		}
		ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
		Throwable failure = bound.cause();
		if (failure != null) {
			throw PortException.of("Failed to bind to address " + address, failure);
		}
		return bound.channel();
	}

	/**
	 * The first handler of a connection, which leaves when it knows whether there is TLS.
	 */
	private final class Entry extends ByteToMessageDecoder {

		private final HttpRoutes routes;

		private @Nullable Future<?> timeout;

		Entry(HttpRoutes routes) {
			this.routes = routes;
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			PortTls settings = HttpListener.this.tls;
			if (!HttpListener.this.connections.admit(context.channel())) {
				context.close();
			}
			else if (settings == null) {
				toHttp1(context);
			}
			else if (!settings.plaintextToo()) {
				toTls(context, settings);
			}
			else {
				this.timeout = context.executor()
					.schedule(() -> context.close(), settings.handshakeNanos(), TimeUnit.NANOSECONDS);
			}
		}

		@Override
		protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
			PortTls settings = HttpListener.this.tls;
			if (settings != null && in.getByte(in.readerIndex()) == PortTls.HANDSHAKE_RECORD) {
				toTls(context, settings);
			}
			else {
				toHttp1(context);
			}
		}

		private void toTls(ChannelHandlerContext context, PortTls settings) {
			settings.addAfter(context, TlsContext.Inside.HTTP, this::secured);
			context.pipeline().remove(this);
		}

		private void secured(ChannelHandlerContext context, SSLSession session, boolean http2) {
			toHttp1(context);
		}

		private void toHttp1(ChannelHandlerContext context) {
			HttpListener.this.connections.serveHttp1(context.channel(), this.routes);
			context.pipeline().remove(context.handler());
		}

		@Override
		protected void handlerRemoved0(ChannelHandlerContext context) {
			if (this.timeout != null) {
				this.timeout.cancel(false);
			}
		}

	}

}
