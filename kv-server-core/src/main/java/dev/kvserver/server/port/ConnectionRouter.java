package dev.kvserver.server.port;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.ServerCredentials;
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
 *                                 +- any other byte      -> the handlers of HTTP/1
 * </pre> The sniffer waits for all of the preface and not only for its first bytes: as
 * soon as one byte differs the peer speaks HTTP/1 (or nothing we know), and HTTP/1 gets
 * every byte read so far. A peer that never sends enough is closed by gRPC's handshake
 * timeout. A TLS stage would stand in front of the sniffer.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class ConnectionRouter implements InternalProtocolNegotiator.ProtocolNegotiator {

	private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

	private static final AsciiString SCHEME = AsciiString.of("http");

	private final Connections connections;

	private final PortOptions options;

	private ConnectionRouter(Connections connections, PortOptions options) {
		this.connections = connections;
		this.options = options;
	}

	/**
	 * What makes a gRPC server route its connections this way.
	 * @param connections told about every connection and what it turned out to speak
	 * @param options the limits of a connection
	 * @return credentials for the server's builder
	 */
	static ServerCredentials credentials(Connections connections, PortOptions options) {
		return InternalNettyServerCredentials.create(new ConnectionRouter(connections, options));
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
		return SCHEME;
	}

	@Override
	public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
		return InternalProtocolNegotiators.waitUntilActiveHandler(new Sniffer(grpc, this.connections, this.options),
				grpc.getNegotiationLogger());
	}

	@Override
	public void close() {
		// Nothing is shared between connections.
	}

	/**
	 * Looks at the first bytes of one connection. Lives on its event loop.
	 */
	private static final class Sniffer extends ByteToMessageDecoder {

		private final GrpcHttp2ConnectionHandler grpc;

		private final Connections connections;

		private final PortOptions options;

		/** Carries the addresses that gRPC wants to know; passed on. */
		private ProtocolNegotiationEvent event = InternalProtocolNegotiationEvent.getDefault();

		Sniffer(GrpcHttp2ConnectionHandler grpc, Connections connections, PortOptions options) {
			this.grpc = grpc;
			this.connections = connections;
			this.options = options;
		}

		@Override
		public void userEventTriggered(ChannelHandlerContext context, Object received) throws Exception {
			if (received instanceof ProtocolNegotiationEvent negotiation) {
				this.event = negotiation;
				if (!this.connections.admit(context.channel())) {
					context.close();
				}
			}
			else {
				super.userEventTriggered(context, received);
			}
		}

		@Override
		protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
			int length = Math.min(in.readableBytes(), PREFACE.length);
			for (int i = 0; i < length; i++) {
				if (in.getByte(in.readerIndex() + i) != PREFACE[i]) {
					toHttp1(context);
					return;
				}
			}
			if (length == PREFACE.length) {
				toGrpc(context);
			}
		}

		/**
		 * The sniffer goes last: leaving the pipeline, it hands the bytes it has kept to
		 * its successor, which must be in place by then. A peer that has gone away cannot
		 * take its farewell, and would be waited for for half a minute.
		 */
		private void toGrpc(ChannelHandlerContext context) {
			context.pipeline()
				.addAfter(context.name(), null, InternalProtocolNegotiators.grpcNegotiationHandler(this.grpc));
			StreamGate gate = StreamGate.install(this.grpc, this.options.maxMessageBytes());
			this.grpc.gracefulShutdownTimeoutMillis(this.options.keepAliveTimeout().toMillis());
			context.fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(this.event,
					InternalProtocolNegotiationEvent.getAttributes(this.event)
						.toBuilder()
						.set(StreamGate.KEY, gate)
						.build()));
			context.pipeline().remove(this);
		}

		/**
		 * gRPC's write buffer, always the last handler, would swallow every answer. Then
		 * gRPC is told to forget the connection, or it would close it at the handshake
		 * timeout.
		 */
		private void toHttp1(ChannelHandlerContext context) {
			context.pipeline().removeLast();
			this.connections.serveHttp1(context.channel());
			this.grpc.notifyUnused();
			context.pipeline().remove(this);
		}

	}

}
