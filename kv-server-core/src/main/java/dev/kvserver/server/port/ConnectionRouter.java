package dev.kvserver.server.port;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSession;

import dev.kvserver.server.tls.TlsContext;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.InternalChannelz;
import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.ServerCredentials;
import io.grpc.internal.GrpcAttributes;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Decides on each connection what it speaks: HTTP/2 goes to gRPC, all else to HTTP/1.
 * <p>
 * gRPC owns the listening socket and asks, for every accepted connection, which handlers
 * should come before its own. That is meant for TLS handshakes, and it is the only seam
 * at which a connection can be taken away from gRPC again. So this is the one class that
 * uses gRPC's internal API, and the tests of the port hold that API to what we need.
 * <p>
 * On every connection: <pre>
 *   wait until active -> Sniffer -+- 24 bytes of preface -> gRPC's HTTP/2 handler
 *                                 +- a TLS record, if it may be one -> TlsStage
 *                                 +- any other byte      -> the handlers of HTTP/1
 * </pre> The sniffer waits for all of the preface and not only for its first bytes: as
 * soon as one byte differs the peer speaks HTTP/1 (or nothing we know), and HTTP/1 gets
 * every byte read so far. A peer that never sends enough is closed by gRPC's handshake
 * timeout. Where only TLS is spoken the sniffer leaves at once to {@link TlsStage}, which
 * knows by the handshake what is spoken inside; that has a limit of its own, so that the
 * log can say why the connection was closed, and gRPC's comes later.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class ConnectionRouter implements InternalProtocolNegotiator.ProtocolNegotiator {

	private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

	private final Connections connections;

	private final PortOptions options;

	private final @Nullable PortTls tls;

	private ConnectionRouter(Connections connections, PortOptions options, @Nullable PortTls tls) {
		this.connections = connections;
		this.options = options;
		this.tls = tls;
	}

	/**
	 * What makes a gRPC server route its connections this way.
	 * @param connections told about every connection and what it turned out to speak
	 * @param options the limits of a connection
	 * @param tls how TLS is spoken, or {@code null} if it is not
	 * @return credentials for the server's builder
	 */
	static ServerCredentials credentials(Connections connections, PortOptions options, @Nullable PortTls tls) {
		return InternalNettyServerCredentials.create(new ConnectionRouter(connections, options, tls));
	}

	/**
	 * A metadata key whose values are the very bytes the client sent.
	 * @param name the key, lower case, not ending in "-bin"
	 * @return the key
	 */
	static Metadata.Key<byte[]> rawKey(String name) {
		return InternalMetadata.keyOf(name, new InternalMetadata.TrustedAsciiMarshaller<>() {

			@Override
			public byte[] toAsciiString(byte[] value) {
				return value;
			}

			@Override
			public byte[] parseAsciiString(byte[] serialized) {
				return serialized;
			}

		});
	}

	@Override
	public AsciiString scheme() {
		return AsciiString.of((this.tls != null) ? "https" : "http");
	}

	@Override
	public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
		Sniffer sniffer = new Sniffer(new Route(grpc, this.connections, this.options), this.tls);
		return InternalProtocolNegotiators.waitUntilActiveHandler(sniffer, grpc.getNegotiationLogger());
	}

	@Override
	public void close() {
		// What is shared between connections belongs to the port.
	}

	/**
	 * The two ways a connection can go. Lives on its event loop.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
	private static final class Route {

		private final GrpcHttp2ConnectionHandler grpc;

		private final Connections connections;

		private final PortOptions options;

		/** Carries the addresses that gRPC wants to know; passed on. */
		private ProtocolNegotiationEvent event = InternalProtocolNegotiationEvent.getDefault();

		Route(GrpcHttp2ConnectionHandler grpc, Connections connections, PortOptions options) {
			this.grpc = grpc;
			this.connections = connections;
			this.options = options;
		}

		/**
		 * The caller goes last: leaving the pipeline, it hands the bytes it has kept to
		 * its successor, which must be in place by then. A peer that has gone away cannot
		 * take its farewell, and would be waited for for half a minute.
		 */
		void toGrpc(ChannelHandlerContext context) {
			context.pipeline()
				.addAfter(context.name(), null, InternalProtocolNegotiators.grpcNegotiationHandler(this.grpc));
			StreamGate gate = StreamGate.install(this.grpc, this.options.maxMessageBytes(),
					this.connections.unread(context.channel()));
			this.grpc.gracefulShutdownTimeoutMillis(this.options.keepAliveTimeout().toMillis());
			add(StreamGate.KEY, gate);
			context.fireUserEventTriggered(this.event);
			context.pipeline().remove(context.handler());
		}

		/**
		 * gRPC's write buffer, always the last handler, would swallow every answer. Then
		 * gRPC is told to forget the connection, or it would close it at the handshake
		 * timeout.
		 */
		void toHttp1(ChannelHandlerContext context) {
			if (!this.options.servesHttpBesideGrpc()) {
				context.close();
				return;
			}
			context.pipeline().removeLast();
			this.connections.serveHttp1(context.channel());
			this.grpc.notifyUnused();
			context.pipeline().remove(context.handler());
		}

		void secured(ChannelHandlerContext context, SSLSession session, boolean http2) {
			if (!http2) {
				toHttp1(context);
				return;
			}
			add(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.PRIVACY_AND_INTEGRITY);
			add(Grpc.TRANSPORT_ATTR_SSL_SESSION, session);
			String commonName = TlsContext.commonName(session);
			if (commonName != null) {
				add(KvPort.COMMON_NAME, commonName);
			}
			this.event = InternalProtocolNegotiationEvent.withSecurity(this.event,
					new InternalChannelz.Security(new InternalChannelz.Tls(session)));
			toGrpc(context);
		}

		private <T> void add(Attributes.Key<T> key, T value) {
			this.event = InternalProtocolNegotiationEvent.withAttributes(this.event,
					InternalProtocolNegotiationEvent.getAttributes(this.event).toBuilder().set(key, value).build());
		}

	}

	/**
	 * Looks at the first bytes of one connection. Lives on its event loop.
	 */
	private static final class Sniffer extends ByteToMessageDecoder {

		private final Route route;

		private final @Nullable PortTls tls;

		private @Nullable Future<?> timeout;

		Sniffer(Route route, @Nullable PortTls tls) {
			this.route = route;
			this.tls = tls;
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object received) throws Exception {
			if (received instanceof ProtocolNegotiationEvent negotiation) {
				this.route.event = negotiation;
				begin(context);
			}
			else {
				super.userEventTriggered(context, received);
			}
		}

		private void begin(ChannelHandlerContext context) {
			if (!this.route.connections.admit(context.channel())) {
				context.close();
			}
			else if (this.tls != null && !this.tls.plaintextToo()) {
				toTls(context, this.tls);
			}
			else if (this.tls != null) {
				this.timeout = context.executor()
					.schedule(() -> context.close(), this.tls.handshakeNanos(), TimeUnit.NANOSECONDS);
			}
		}

		@Override
		protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
			if (this.tls != null && in.getByte(in.readerIndex()) == PortTls.HANDSHAKE_RECORD) {
				toTls(context, this.tls);
				return;
			}
			int length = Math.min(in.readableBytes(), PREFACE.length);
			for (int i = 0; i < length; i++) {
				if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
					this.route.toHttp1(context);
					return;
				}
			}
			if (length == PREFACE.length) {
				this.route.toGrpc(context);
			}
		}

		private void toTls(ChannelHandlerContext context, PortTls settings) {
			settings.addAfter(context, this.route.options.servesHttpBesideGrpc() ? TlsContext.Inside.GRPC_AND_HTTP
					: TlsContext.Inside.GRPC, this.route::secured);
			context.pipeline().remove(this);
		}

		@Override
		protected void handlerRemoved0(ChannelHandlerContext context) {
			if (this.timeout != null) {
				this.timeout.cancel(false);
			}
		}

	}

}
