package dev.kvserver.server.http;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import dev.kvserver.server.tls.TlsContext;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one HTTP/1 connection, on its event loop.
 * <p>
 * Requests are answered one at a time and in their order. Nothing is read while one is
 * being answered, so a client that sends on and on waits in its own socket; what was
 * decoded along with the current request waits in a queue that holds at most one read.
 * Only a handler that reads its body by itself is given it meanwhile, piece by piece.
 * <p>
 * A body that nobody wants is read and dropped before the answer, as Go does, so that the
 * connection can be used again; but only a short one. A longer one, or one that the
 * client waits to be asked for, is answered at once, and then the connection is closed:
 * first our side of it, and the other a moment later, because closing a socket with
 * unread bytes resets it and may destroy the answer on its way.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
public final class HttpConnection extends ChannelInboundHandlerAdapter {

	/**
	 * Fired through a connection's pipeline, makes it close after the answer it is
	 * working on, or at once if there is none.
	 */
	public static final Object DRAIN = new Object() {

		@Override
		public String toString() {
			return "DRAIN";
		}

	};

	private static final Logger logger = LoggerFactory.getLogger(HttpConnection.class);

	/** How long a client has to notice that we are done before it is reset. */
	private static final int LINGER_MILLIS = 500;

	private final HttpRoutes routes;

	private final long idleNanos;

	private final HttpAccess access;

	private final AnswerEncoder encoder;

	/** Decoded, and waiting for the current request to be answered. */
	private final ArrayDeque<HttpObject> queue = new ArrayDeque<>();

	private State state = State.READING;

	/** The TLS that the connection is wrapped in, {@code null} if it is not. */
	private @Nullable SslHandler tls;

	/** Of the client's certificate, {@code null} if it has shown none. */
	private @Nullable String commonName;

	/** The request being read or answered, {@code null} between two of them. */
	private @Nullable Exchange exchange;

	/** What is being waited for, or being sent; told when the client leaves. */
	private @Nullable Runnable onLeave;

	private @Nullable StreamedAnswer streamed;

	/** What a browser is told, {@code null} for nothing. */
	private @Nullable String origin;

	/** Lets something else take the connection when the request is complete. */
	private @Nullable Runnable upgrade;

	private @Nullable Future<?> idleCheck;

	/** When the connection is closed for idleness; does not count while answering. */
	private long deadlineNanos;

	private boolean first = true;

	private boolean processing;

	private boolean draining;

	private boolean inputEnded;

	private HttpConnection(HttpRoutes routes, HttpOptions options) {
		this.routes = routes;
		this.idleNanos = options.idleTimeout().toNanos();
		this.access = options.access();
		this.encoder = new AnswerEncoder(InstantSource.system());
	}

	/**
	 * Makes a connection speak HTTP/1. On its event loop.
	 * @param pipeline the connection's handlers; ours are added at the end
	 * @param routes what is served
	 * @param options the bounds
	 */
	public static void addTo(ChannelPipeline pipeline, HttpRoutes routes, HttpOptions options) {
		pipeline.channel().config().setAutoRead(false);
		pipeline.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
		pipeline.addLast(new RequestDecoder(options.maxHeadBytes()), new HttpResponseEncoder(),
				new HttpConnection(routes, options));
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		SslHandler handler = context.pipeline().get(SslHandler.class);
		this.tls = handler;
		this.commonName = (handler != null) ? TlsContext.commonName(handler.engine().getSession()) : null;
		this.deadlineNanos = now(context) + this.idleNanos;
		checkIdleLater(context, this.idleNanos);
		context.read();
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		this.queue.add((HttpObject) message);
		process(context);
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event == DRAIN) {
			this.draining = true;
			if (this.state == State.READING && this.exchange == null) {
				context.close();
			}
		}
		else if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
			this.inputEnded = true;
			if (this.state == State.READING || this.state == State.ENDED) {
				context.close();
			}
			leave();
		}
	}

	/** As Go does, takes a client that sends no more for one that has left. */
	private void leave() {
		Runnable told = this.onLeave;
		if (told != null) {
			this.onLeave = null;
			told.run();
		}
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext context) {
		StreamedAnswer current = this.streamed;
		if (current != null && context.channel().isWritable()) {
			current.ready();
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		this.state = State.ENDED;
		leave();
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.queue.forEach(ReferenceCountUtil::release);
		this.queue.clear();
		if (this.idleCheck != null) {
			this.idleCheck.cancel(false);
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		logger.debug("Connection {} failed", context.channel(), cause);
		context.close();
	}

	/**
	 * Takes what is there, then asks for more. A loop and not a recursion, however many
	 * requests a client sends ahead.
	 */
	private void process(ChannelHandlerContext context) {
		if (this.processing) {
			return;
		}
		this.processing = true;
		while ((isReading() || bodyIsWanted()) && !this.queue.isEmpty()) {
			HttpObject message = this.queue.remove();
			try {
				process(context, message);
			}
			finally {
				ReferenceCountUtil.release(message);
			}
		}
		this.processing = false;
		if (context.isRemoved()) {
			return;
		}
		if (isReading() && this.inputEnded) {
			context.close();
		}
		else if (isReading() || (isStreamed() && this.queue.isEmpty())) {
			context.read();
		}
	}

	/** Such a request leaves nothing else that would notice its client leaving. */
	private boolean isStreamed() {
		return this.exchange != null && this.exchange.isStreamed();
	}

	private boolean bodyIsWanted() {
		boolean answering = this.state == State.ANSWERING || this.state == State.STREAMING;
		return answering && this.exchange != null && this.exchange.wantsPiece();
	}

	private boolean isReading() {
		return this.state == State.READING || this.state == State.ENDED;
	}

	/**
	 * A message can be head and end at once.
	 */
	private void process(ChannelHandlerContext context, HttpObject message) {
		if (message instanceof HttpRequest head && this.state == State.READING) {
			onHead(context, head);
		}
		Exchange current = this.exchange;
		if (!(message instanceof HttpContent content) || current == null) {
			return;
		}
		if (this.state == State.READING && !current.isStreamed()) {
			onContent(context, current, content);
		}
		else if (bodyIsWanted()) {
			onPiece(context, current, content);
		}
	}

	/** What comes after a piece that cannot be read is not to be trusted. */
	private static void onPiece(ChannelHandlerContext context, Exchange current, HttpContent content) {
		if (content.decoderResult().isFailure()) {
			context.close();
			return;
		}
		current.addBody(content.content(), content instanceof LastHttpContent);
	}

	private void onHead(ChannelHandlerContext context, HttpRequest head) {
		HeadCheck.Refusal refusal = HeadCheck.check(head, this.first);
		RequestTarget target = (refusal == null) ? RequestTarget.of(head) : null;
		this.first = false;
		if (target == null) {
			refuse(context, (refusal != null) ? refusal : HeadCheck.BAD_REQUEST);
			return;
		}
		HttpRoute route = route(context, head, target);
		Exchange current = new Exchange(context.channel(), head, target, route, () -> process(context));
		this.exchange = current;
		boolean waits = HttpUtil.is100ContinueExpected(head);
		if (current.bodyIsTooLong() || (waits && !current.wantsBody())) {
			answer(context, current);
		}
		else if (waits) {
			context.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
		}
		if (current.isStreamed()) {
			answer(context, current);
		}
	}

	private HttpRoute route(ChannelHandlerContext context, HttpRequest head, RequestTarget target) {
		HttpAnswer misdirected = (this.tls == null) ? this.access.refusal(head)
				: this.routes.refusal(target, this.commonName);
		this.origin = (misdirected == null) ? this.access.allowedOrigin(head) : null;
		if (misdirected != null) {
			return HttpRoute.always(misdirected);
		}
		HttpRoute spoken = WebSocketUpgrade.isAsked(head) ? this.routes.findForWebSocket(target) : null;
		if (spoken == null) {
			return this.routes.find(head.method().name(), target);
		}
		WebSocketUpgrade asked = new WebSocketUpgrade(head);
		HttpAnswer refused = asked.refusal();
		if (refused == null) {
			this.upgrade = () -> WebSocketConnection.takeOver(context, asked, spoken, target, this.idleNanos);
		}
		return HttpRoute.always((refused != null) ? refused : WebSocketUpgrade.TOO_EARLY);
	}

	private void onContent(ChannelHandlerContext context, Exchange current, HttpContent content) {
		if (content.decoderResult().isFailure()) {
			refuse(context, HeadCheck.BAD_REQUEST);
			return;
		}
		current.addBody(content.content(), content instanceof LastHttpContent);
		if (this.upgrade != null && current.bodyIsComplete() && !current.hasBody()) {
			this.state = State.ENDED;
			this.upgrade.run();
		}
		else if (current.bodyIsComplete() || current.bodyIsTooLong()) {
			answer(context, current);
		}
	}

	private void answer(ChannelHandlerContext context, Exchange current) {
		if (current.wantsBody() && current.bodyIsTooLong()) {
			write(context, current, HttpAnswer.error(413, "Request Entity Too Large"));
			return;
		}
		this.state = State.ANSWERING;
		CompletionStage<HttpAnswer> asked = current.ask();
		this.onLeave = (asked instanceof PendingAnswer pending) ? pending::abandon : null;
		if (this.inputEnded) {
			leave();
		}
		asked.whenComplete((answer, failure) -> {
			if (context.executor().inEventLoop()) {
				onAnswer(context, current, answer, failure);
			}
			else {
				context.executor().execute(() -> onAnswer(context, current, answer, failure));
			}
		});
	}

	private void onAnswer(ChannelHandlerContext context, Exchange current, @Nullable HttpAnswer answer,
			@Nullable Throwable failure) {
		if (this.state != State.ANSWERING) {
			return;
		}
		if (answer != null) {
			write(context, current, answer);
			return;
		}
		logger.error("No answer to {}", current, failure);
		write(context, current, HttpAnswer.error(500, "Internal Server Error"));
	}

	private void write(ChannelHandlerContext context, Exchange current, HttpAnswer answer) {
		this.state = State.WRITING;
		this.deadlineNanos = now(context) + this.idleNanos;
		this.onLeave = null;
		boolean keepAlive = current.bodyIsComplete() && !this.draining && HttpUtil.isKeepAlive(current.head());
		HttpStream stream = answer.stream();
		if (stream != null) {
			stream(context, current, answer, stream, keepAlive);
			return;
		}
		context.writeAndFlush(this.encoder.answer(current.head(), answer, this.origin, keepAlive))
			.addListener((written) -> onWritten(context, current, keepAlive, written.isSuccess()));
	}

	private void stream(ChannelHandlerContext context, Exchange current, HttpAnswer answer, HttpStream stream,
			boolean keepAlive) {
		boolean old = current.head().protocolVersion().minorVersion() == 0;
		boolean staysOpen = keepAlive && !old;
		StreamedAnswer sending = new StreamedAnswer(context, stream,
				(sent) -> onWritten(context, current, staysOpen, sent));
		this.state = State.STREAMING;
		this.streamed = sending;
		this.onLeave = sending::abandon;
		context.writeAndFlush(this.encoder.head(current.head(), answer, this.origin, staysOpen));
		stream.start(sending);
		if (this.inputEnded) {
			leave();
		}
	}

	private void onWritten(ChannelHandlerContext context, Exchange current, boolean keepAlive, boolean success) {
		this.streamed = null;
		this.onLeave = null;
		if (!success) {
			context.close();
		}
		else if (!keepAlive || this.draining) {
			end(context, !current.bodyIsComplete());
		}
		else {
			this.deadlineNanos = now(context) + this.idleNanos;
			this.exchange = null;
			this.state = State.READING;
			process(context);
		}
	}

	private void refuse(ChannelHandlerContext context, HeadCheck.Refusal refusal) {
		if (refusal.isSilent()) {
			end(context, false);
			return;
		}
		this.state = State.WRITING;
		context.writeAndFlush(this.encoder.refusal(refusal)).addListener((written) -> end(context, true));
	}

	/**
	 * Closes the connection, slowly if the client may still be sending.
	 */
	private void end(ChannelHandlerContext context, boolean linger) {
		this.state = State.ENDED;
		if (!linger || this.inputEnded || !(context.channel() instanceof DuplexChannel duplex)) {
			context.close();
			return;
		}
		if (this.tls != null) {
			this.tls.closeOutbound();
		}
		else {
			duplex.shutdownOutput();
		}
		context.executor().schedule(() -> context.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
		process(context);
	}

	/**
	 * One check per idle time and not one per request.
	 */
	private void checkIdle(ChannelHandlerContext context) {
		long leftNanos = this.deadlineNanos - now(context);
		if (this.state == State.ANSWERING || this.state == State.STREAMING) {
			checkIdleLater(context, this.idleNanos);
		}
		else if (leftNanos > 0) {
			checkIdleLater(context, leftNanos);
		}
		else {
			context.close();
		}
	}

	private void checkIdleLater(ChannelHandlerContext context, long delayNanos) {
		this.idleCheck = context.executor().schedule(() -> checkIdle(context), delayNanos, TimeUnit.NANOSECONDS);
	}

	private static long now(ChannelHandlerContext context) {
		return context.executor().ticker().nanoTime();
	}

	/**
	 * What the connection does at the moment.
	 */
	private enum State {

		/** Reads a request, or waits for one. */
		READING,
		/** Waits for a handler. */
		ANSWERING,
		/** Waits for the client to take the answer. */
		WRITING,
		/** Sends an answer piece by piece, for as long as that takes. */
		STREAMING,
		/** All is said; what still comes is dropped. */
		ENDED

	}

}
