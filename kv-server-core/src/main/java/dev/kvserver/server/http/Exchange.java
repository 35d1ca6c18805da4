package dev.kvserver.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/**
 * One request, what has been read of its body, and who answers it. Its connection's event
 * loop only.
 */
final class Exchange {

	/** How much of a body is read when nobody wants it. */
	static final int MAX_UNWANTED_BYTES = 256 * 1024;

	private final HttpRequest head;

	private final RequestTarget target;

	private final HttpRoute route;

	private final ByteString.Output body = ByteString.newOutput();

	private long bodyBytes;

	private boolean bodyIsComplete;

	/** What gets the body while it is answered, {@code null} if it is collected. */
	private final @Nullable StreamedBody streamed;

	/**
	 * Begins with the head.
	 * @param channel the connection
	 * @param head a head that passed {@link HeadCheck}
	 * @param target what it asks for
	 * @param route who answers
	 * @param onWanted told when a piece of the body is wanted
	 */
	Exchange(Channel channel, HttpRequest head, RequestTarget target, HttpRoute route, Runnable onWanted) {
		this.head = head;
		this.target = target;
		this.route = route;
		this.streamed = route.readsBody() ? new StreamedBody(channel, onWanted) : null;
	}

	HttpRequest head() {
		return this.head;
	}

	boolean wantsBody() {
		return this.route.maxBodyBytes() > 0 || isStreamed();
	}

	/** Whether the body is read while it is answered. */
	boolean isStreamed() {
		return this.streamed != null;
	}

	/** Whether somebody waits for a piece of the body. */
	boolean wantsPiece() {
		return this.streamed != null && this.streamed.isWanted() && !this.bodyIsComplete;
	}

	/**
	 * Whether the body is, or says it is, larger than what is read of it.
	 * @return {@code true} if it is
	 */
	boolean bodyIsTooLong() {
		if (isStreamed()) {
			return false;
		}
		int max = wantsBody() ? this.route.maxBodyBytes() : MAX_UNWANTED_BYTES;
		return Math.max(this.bodyBytes, HttpUtil.getContentLength(this.head, 0L)) > max;
	}

	/** Whether the body is known not to be empty. */
	boolean hasBody() {
		return this.bodyBytes > 0;
	}

	boolean bodyIsComplete() {
		return this.bodyIsComplete;
	}

	/**
	 * Takes a part of the body.
	 * @param part the bytes, still the caller's to release
	 * @param last whether it is the last part
	 */
	void addBody(ByteBuf part, boolean last) {
		this.bodyBytes += part.readableBytes();
		this.bodyIsComplete = last;
		if (this.streamed != null) {
			this.streamed.give(ByteString.copyFrom(part.nioBuffer()), last);
		}
		else if (wantsBody() && !bodyIsTooLong()) {
			copy(part);
		}
	}

	/**
	 * Asks the route's handler.
	 * @return its answer, failed if it throws
	 */
	CompletionStage<HttpAnswer> ask() {
		try {
			ByteString collected = this.body.toByteString();
			return this.route.handler()
				.answer(new HttpQuery(this.head.method().name(), this.target.path(), this.target.parameters(),
						headers(), collected, (this.streamed != null) ? this.streamed : HttpBody.of(collected)));
		}
		catch (RuntimeException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private Map<String, List<String>> headers() {
		Map<String, List<String>> headers = new LinkedHashMap<>();
		for (Map.Entry<String, String> header : this.head.headers()) {
			headers.computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), (absent) -> new ArrayList<>())
				.add(header.getValue());
		}
		return headers;
	}

	private void copy(ByteBuf part) {
		try {
			part.getBytes(part.readerIndex(), this.body, part.readableBytes());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Memory cannot fail to be written", ex);
		}
	}

	@Override
	public String toString() {
		return this.head.method() + " " + this.target.escapedPath();
	}

}
