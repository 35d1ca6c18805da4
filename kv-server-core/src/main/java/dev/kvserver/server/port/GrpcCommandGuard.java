package dev.kvserver.server.port;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands before the network on an HTTP/1 connection. Until it hears that the connection
 * has been taken away from it, gRPC may write commands to it (its handshake timeout, or
 * the end of the server, at that very moment). They all mean "close", and nothing but
 * bytes may pass.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class GrpcCommandGuard extends ChannelOutboundHandlerAdapter {

	@Override
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		if (message instanceof ByteBuf) {
			context.write(message, promise);
			return;
		}
		ReferenceCountUtil.release(message);
		context.close(promise);
	}

}
