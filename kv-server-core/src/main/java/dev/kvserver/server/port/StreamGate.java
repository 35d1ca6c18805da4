package dev.kvserver.server.port;

import java.util.Objects;

import io.grpc.Attributes;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Ends single streams of a connection with a status, below gRPC and without asking it:
 * the client gets the status at once, and to the service the call looks cancelled. One
 * connection's event loop only.
 * <p>
 * Requests that are no calls ({@link RequestHead}) never get past it.
 * <p>
 * It does so by itself when the next message of a stream says that it is larger than
 * allowed, before a byte of that message is kept, in the words of grpc-go (etcd-contract
 * section 2.2). gRPC has the same limit, but words it differently and logs a stack trace
 * for each such message, which lets a client fill the disk with logs. Only the five bytes
 * in front of a message are looked at: <pre>
 *   | flag | length of the message (4 bytes) | message ...
 * </pre> Nearly always a frame holds exactly one message, and looking costs a comparison.
 * Only where messages and frames do not end together, the stream gets an object to
 * remember where in a message it is.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a lost connection has no more to say
final class StreamGate extends Http2FrameListenerDecorator {

	/** Where a call finds the gate of its connection. */
	static final Attributes.Key<StreamGate> KEY = Attributes.Key.create("dev.kvserver.server.port.StreamGate");

	private static final int PREFIX_BYTES = 5;

	private static final AsciiString STATUS = AsciiString.of("grpc-status");

	private static final AsciiString MESSAGE = AsciiString.of("grpc-message");

	private final Http2ConnectionHandler handler;

	private final Http2Connection connection;

	private final Http2Connection.PropertyKey key;

	private final int maxMessageBytes;

	private @Nullable ChannelHandlerContext context;

	private int startingStream;

	private @Nullable Status endingStatus;

	private final UnreadAnswers.Share unread;

	private StreamGate(Http2ConnectionHandler handler, int maxMessageBytes, UnreadAnswers.Share unread) {
		super(handler.decoder().frameListener());
		this.handler = handler;
		this.connection = handler.connection();
		this.key = this.connection.newKey();
		this.maxMessageBytes = maxMessageBytes;
		this.unread = unread;
	}

	/**
	 * Makes the gate of a connection and lets everything pass through it.
	 * @param handler the connection's handler, not yet in use
	 * @param maxMessageBytes the largest message that is let through
	 * @param unread what the connection was answered and has not read
	 * @return the gate
	 */
	static StreamGate install(Http2ConnectionHandler handler, int maxMessageBytes, UnreadAnswers.Share unread) {
		StreamGate gate = new StreamGate(handler, maxMessageBytes, unread);
		handler.decoder().frameListener(gate);
		return gate;
	}

	/**
	 * What the connection was answered and has not read.
	 * @return the count
	 */
	UnreadAnswers.Share unread() {
		return this.unread;
	}

	/**
	 * The stream whose call is being started right now.
	 * @return its id
	 */
	int startingStream() {
		return this.startingStream;
	}

	/**
	 * Why the stream is being ended whose call is told right now that it was cancelled.
	 * @return what the client is told, {@code null} if it was not we who ended it
	 */
	@Nullable Status endingStatus() {
		return this.endingStatus;
	}

	/**
	 * Ends a stream as soon as gRPC is done with the frame it is reading.
	 * @param streamId the stream
	 * @param status what the client is told
	 */
	void endLater(int streamId, Status status) {
		ChannelHandlerContext known = Objects.requireNonNull(this.context);
		known.executor().execute(() -> {
			Http2Stream stream = this.connection.stream(streamId);
			if (stream == null) {
				return;
			}
			try {
				end(known, stream, status);
			}
			catch (Http2Exception ex) {
				this.handler.onError(known, false, ex);
			}
		});
	}

	@Override
	public void onHeadersRead(ChannelHandlerContext context, int streamId, Http2Headers headers, int streamDependency,
			short weight, boolean exclusive, int padding, boolean endOfStream) throws Http2Exception {
		this.context = context;
		Http2Stream stream = this.connection.stream(streamId);
		// Without a path it is trailers, or for gRPC to refuse.
		if (stream != null && headers.path() != null) {
			RequestHead.Refusal refusal = RequestHead.check(headers);
			if (refusal != null) {
				refuse(context, stream, refusal, endOfStream);
				return;
			}
		}
		this.startingStream = streamId;
		super.onHeadersRead(context, streamId, headers, streamDependency, weight, exclusive, padding, endOfStream);
	}

	/**
	 * Answers a request of which gRPC has heard nothing.
	 */
	private void refuse(ChannelHandlerContext context, Http2Stream stream, RequestHead.Refusal refusal,
			boolean endOfStream) {
		Http2Headers headers = new DefaultHttp2Headers().status(Integer.toString(refusal.httpStatus()))
			.set(RequestHead.CONTENT_TYPE, refusal.contentType());
		write(context, stream, headers, refusal.status());
		if (!endOfStream) {
			reset(context, stream);
		}
		context.flush();
		stream.close();
	}

	private void write(ChannelHandlerContext context, Http2Stream stream, Http2Headers headers, Status status) {
		headers.set(STATUS, Integer.toString(status.getCode().value()));
		headers.set(MESSAGE, String.valueOf(status.getDescription()).replace("%", "%25"));
		this.handler.encoder().writeHeaders(context, stream.id(), headers, 0, true, context.newPromise());
	}

	private void reset(ChannelHandlerContext context, Http2Stream stream) {
		this.handler.encoder().writeRstStream(context, stream.id(), Http2Error.NO_ERROR.code(), context.newPromise());
	}

	@Override
	public int onDataRead(ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean endOfStream)
			throws Http2Exception {
		Http2Stream stream = this.connection.stream(streamId);
		if (stream == null || data.readableBytes() == 0) {
			return super.onDataRead(context, streamId, data, padding, endOfStream);
		}
		Position position = stream.getProperty(this.key);
		if (position == null && isOneMessage(data)) {
			return super.onDataRead(context, streamId, data, padding, endOfStream);
		}
		if (position == null) {
			position = new Position();
			stream.setProperty(this.key, position);
		}
		long tooLarge = position.advance(data, this.maxMessageBytes);
		if (tooLarge < 0) {
			return super.onDataRead(context, streamId, data, padding, endOfStream);
		}
		end(context, stream, Status.RESOURCE_EXHAUSTED.withDescription(
				"grpc: received message larger than max (" + tooLarge + " vs. " + this.maxMessageBytes + ")"));
		return data.readableBytes() + padding;
	}

	private boolean isOneMessage(ByteBuf data) {
		int bodyBytes = data.readableBytes() - PREFIX_BYTES;
		return bodyBytes >= 0 && bodyBytes <= this.maxMessageBytes && data.getInt(data.readerIndex() + 1) == bodyBytes;
	}

	/**
	 * gRPC must be told while the stream is there, and the stream be gone before gRPC
	 * writes what its owner has sent meanwhile: that fails for a stream that is gone, but
	 * for one that has been ended it breaks the connection.
	 */
	private void end(ChannelHandlerContext context, Http2Stream stream, Status status) throws Http2Exception {
		this.endingStatus = status;
		try {
			super.onRstStreamRead(context, stream.id(), Http2Error.CANCEL.code());
		}
		finally {
			this.endingStatus = null;
		}
		Http2Headers trailers = new DefaultHttp2Headers();
		if (!stream.isHeadersSent()) {
			trailers.status("200").set(RequestHead.CONTENT_TYPE, RequestHead.GRPC);
		}
		write(context, stream, trailers, status);
		reset(context, stream);
		context.flush();
		stream.close();
	}

	/**
	 * Where in a message a stream is.
	 */
	private static final class Position {

		/** Bytes of the prefix that are here, the length in them so far. */
		private int prefixBytes;

		private long messageBytes;

		/** Bytes of the message that are still to come. */
		private long missingBytes;

		/**
		 * Goes on to the end of a frame.
		 * @param data the frame's bytes, not consumed
		 * @param max the largest message that is let through
		 * @return the size of a message that is too large, -1 if there is none
		 */
		long advance(ByteBuf data, int max) {
			int index = data.readerIndex();
			while (index < data.writerIndex()) {
				if (this.missingBytes > 0) {
					long skipped = Math.min(this.missingBytes, data.writerIndex() - index);
					this.missingBytes -= skipped;
					index += (int) skipped;
				}
				else if (takePrefix(data.getUnsignedByte(index++))) {
					if (this.messageBytes > max) {
						return this.messageBytes;
					}
					this.missingBytes = this.messageBytes;
				}
			}
			return -1;
		}

		private boolean takePrefix(int unsignedByte) {
			if (this.prefixBytes == 0) {
				this.messageBytes = 0;
			}
			else {
				this.messageBytes = (this.messageBytes << 8) | unsignedByte;
			}
			this.prefixBytes++;
			boolean complete = this.prefixBytes == PREFIX_BYTES;
			if (complete) {
				this.prefixBytes = 0;
			}
			return complete;
		}

	}

}
