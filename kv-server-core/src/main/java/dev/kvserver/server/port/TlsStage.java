package dev.kvserver.server.port;

import java.security.cert.CertificateException;

import javax.net.ssl.SSLSession;

import dev.kvserver.server.tls.RejectedConnections;
import dev.kvserver.server.tls.TlsContext;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Waits behind the TLS of one connection for the end of the handshake, and lets nothing
 * of its failures through: one line in the log is all there is of them. Lives on the
 * connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class TlsStage extends ChannelInboundHandlerAdapter {

	private final SslHandler handler;

	private final TlsContext tls;

	private final RejectedConnections rejected;

	private final Secured next;

	private boolean ended;

	TlsStage(SslHandler handler, TlsContext tls, RejectedConnections rejected, Secured next) {
		this.handler = handler;
		this.tls = tls;
		this.rejected = rejected;
		this.next = next;
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (!(event instanceof SslHandshakeCompletionEvent completion)) {
			context.fireUserEventTriggered(event);
		}
		else if (!completion.isSuccess()) {
			reject(context, completion.cause());
		}
		else if (!this.ended) {
			accept(context);
		}
	}

	private void accept(ChannelHandlerContext context) {
		SSLSession session = this.handler.engine().getSession();
		try {
			this.tls.check(session);
		}
		catch (CertificateException ex) {
			reject(context, ex);
			return;
		}
		this.ended = true;
		this.next.secured(context, session, ApplicationProtocolNames.HTTP_2.equals(this.handler.applicationProtocol()));
	}

	/** A failure is told of twice: as the end of the handshake, and as an exception. */
	private void reject(ChannelHandlerContext context, Throwable failure) {
		if (!this.ended) {
			this.ended = true;
			this.rejected.report(context.channel().remoteAddress(), failure);
		}
		context.close();
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
		reject(context, failure);
	}

	/**
	 * Goes on with a connection that is secure now.
	 */
	@FunctionalInterface
	interface Secured {

		/**
		 * Takes the connection over.
		 * @param context where the caller stands, to be replaced
		 * @param session what was agreed upon
		 * @param http2 whether HTTP/2 is spoken, else HTTP/1
		 */
		void secured(ChannelHandlerContext context, SSLSession session, boolean http2);

	}

}
