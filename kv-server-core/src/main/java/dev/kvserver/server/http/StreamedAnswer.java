package dev.kvserver.server.http;

import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/** An answer that is being sent piece by piece over a connection. */
@SuppressWarnings("FutureReturnValueIgnored") // a connection that fails tells us by
												// closing
final class StreamedAnswer implements HttpSink {

	private final ChannelHandlerContext context;

	private final HttpStream stream;

	private final Consumer<Boolean> onEnd;

	StreamedAnswer(ChannelHandlerContext context, HttpStream stream, Consumer<Boolean> onEnd) {
		this.context = context;
		this.stream = stream;
		this.onEnd = onEnd;
	}

	@Override
	public boolean isWritable() {
		return this.context.channel().isWritable();
	}

	/** An empty piece would end a chunked body. */
	@Override
	public void write(ByteString piece) {
		if (!piece.isEmpty()) {
			this.context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece.asReadOnlyByteBuffer())));
		}
	}

	@Override
	public void end() {
		this.context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
			.addListener((written) -> this.onEnd.accept(written.isSuccess()));
	}

	void ready() {
		this.stream.ready();
	}

	void abandon() {
		this.stream.abandon();
	}

}
