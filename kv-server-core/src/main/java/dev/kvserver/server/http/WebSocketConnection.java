package dev.kvserver.server.http;

import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request whose body and answer go over a WebSocket: each message from the client is
 * a line of the body, each line of the answer is a message to the client. On its event
 * loop, but for what it sends.
 */
@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements HttpSink {

	private static final Logger logger = LoggerFactory.getLogger(WebSocketConnection.class);

	private static final ByteString NEWLINE = ByteString.copyFromUtf8("\n");

	private final Channel channel;

	private final StreamedBody body;

	/** Lines of the body that nobody has asked for yet; no more than one read has. */
	private final ArrayDeque<ByteString> received = new ArrayDeque<>();

	/** The beginning of a line of the answer. Belongs to whoever sends. */
	private ByteString line = ByteString.EMPTY;

	private @Nullable HttpStream stream;

	/** Told when the client leaves. */
	private @Nullable Runnable onLeave;

	/** Whether there is nobody to answer to. */
	private volatile boolean left;

	/** Whether the client has not said anything yet. */
	private boolean silent = true;

	private WebSocketConnection(Channel channel) {
		this.channel = channel;
		this.body = new StreamedBody(channel, this::giveLines);
	}

	/**
	 * Makes a connection speak WebSocket, and asks the route. On its event loop.
	 * @param http the last handler, removed with those that speak HTTP
	 * @param upgrade the request, not refused
	 * @param route who answers
	 * @param target what was asked for
	 * @param silentNanos how long the client may take to say something
	 */
	static void takeOver(ChannelHandlerContext http, WebSocketUpgrade upgrade, HttpRoute route, RequestTarget target,
			long silentNanos) {
		http.writeAndFlush(upgrade.response());
		int maxBytes = Math.max(1, route.maxBodyBytes());
		WebSocketDecoderConfig config = WebSocketDecoderConfig.newBuilder()
			.allowExtensions(false)
			.maxFramePayloadLength(maxBytes)
			.build();
		WebSocketConnection connection = new WebSocketConnection(http.channel());
		ChannelPipeline pipeline = http.pipeline();
		pipeline.addLast(new WebSocket13FrameEncoder(false), new WebSocket13FrameDecoder(config),
				new WebSocketFrameAggregator(maxBytes), connection);
		pipeline.remove(http.handler());
		pipeline.remove(HttpResponseEncoder.class);
		pipeline.remove(RequestDecoder.class);
		http.channel().eventLoop().schedule(connection::closeIfSilent, silentNanos, TimeUnit.NANOSECONDS);
		connection.ask(route, new HttpQuery(route.method(), target.path(), target.parameters(), upgrade.headers(),
				ByteString.EMPTY, connection.body));
	}

	private void ask(HttpRoute route, HttpQuery query) {
		CompletionStage<HttpAnswer> asked = route.handler().answer(query);
		this.onLeave = (asked instanceof PendingAnswer pending) ? pending::abandon : null;
		asked.whenComplete((answer, failure) -> {
			if (this.channel.eventLoop().inEventLoop()) {
				onAnswer(answer, failure);
			}
			else {
				this.channel.eventLoop().execute(() -> onAnswer(answer, failure));
			}
		});
		this.channel.read();
	}

	private void onAnswer(@Nullable HttpAnswer answer, @Nullable Throwable failure) {
		this.onLeave = null;
		this.silent = false;
		if (answer == null) {
			logger.error("No answer to a WebSocket", failure);
			close(WebSocketCloseStatus.INTERNAL_SERVER_ERROR);
			return;
		}
		HttpStream streamed = answer.stream();
		if (streamed == null) {
			write(answer.body());
			end();
			return;
		}
		this.stream = streamed;
		this.onLeave = streamed::abandon;
		streamed.start(this);
		if (!this.channel.isActive()) {
			leave();
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		try {
			if (message instanceof TextWebSocketFrame || message instanceof BinaryWebSocketFrame) {
				this.silent = false;
				this.received
					.add(ByteString.copyFrom(((WebSocketFrame) message).content().nioBuffer()).concat(NEWLINE));
			}
			else if (message instanceof PingWebSocketFrame ping) {
				context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
			}
			else if (message instanceof CloseWebSocketFrame) {
				leave();
				close(WebSocketCloseStatus.NORMAL_CLOSURE);
			}
		}
		finally {
			ReferenceCountUtil.release(message);
		}
		giveLines();
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		readMore();
	}

	/** A client that does not take what it gets, if only pongs, is not read from. */
	private void readMore() {
		if (this.received.isEmpty() && this.channel.isWritable()) {
			this.channel.read();
		}
	}

	private void giveLines() {
		if (this.received.isEmpty()) {
			return;
		}
		while (this.body.isWanted() && !this.received.isEmpty()) {
			this.body.give(this.received.remove(), false);
		}
		readMore();
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext context) {
		readMore();
		HttpStream current = this.stream;
		if (current != null && context.channel().isWritable()) {
			current.ready();
		}
	}

	private void closeIfSilent() {
		if (this.silent && this.channel.isActive()) {
			close(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
		}
	}

	/** A client that has not asked for anything need not be waited for. */
	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
			context.close();
		}
		else if (event == HttpConnection.DRAIN && this.silent) {
			close(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		this.received.clear();
		leave();
	}

	private void leave() {
		this.left = true;
		Runnable told = this.onLeave;
		if (told != null) {
			this.onLeave = null;
			told.run();
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		logger.debug("WebSocket {} failed", context.channel(), cause);
		leave();
		close((cause instanceof TooLongFrameException) ? WebSocketCloseStatus.MESSAGE_TOO_BIG
				: WebSocketCloseStatus.PROTOCOL_ERROR);
	}

	private void close(WebSocketCloseStatus status) {
		this.channel.writeAndFlush(new CloseWebSocketFrame(status)).addListener(ChannelFutureListener.CLOSE);
	}

	@Override
	public boolean isWritable() {
		return this.channel.isWritable();
	}

	@Override
	public void write(ByteString piece) {
		int start = 0;
		for (int i = 0; i < piece.size(); i++) {
			if (piece.byteAt(i) == '\n') {
				writeLine(this.line.concat(piece.substring(start, i)));
				this.line = ByteString.EMPTY;
				start = i + 1;
			}
		}
		this.line = this.line.concat(piece.substring(start));
	}

	private void writeLine(ByteString complete) {
		if (!complete.isEmpty() && !this.left) {
			this.channel.writeAndFlush(new TextWebSocketFrame(Unpooled.wrappedBuffer(complete.asReadOnlyByteBuffer())));
		}
	}

	@Override
	public void end() {
		writeLine(this.line);
		this.line = ByteString.EMPTY;
		if (!this.left) {
			close(WebSocketCloseStatus.NORMAL_CLOSURE);
		}
	}

}
