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
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;

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

	/**
	 * Begins with the head.
	 * @param head a head that passed {@link HeadCheck}
	 * @param target what it asks for
	 * @param route who answers
	 */
	Exchange(HttpRequest head, RequestTarget target, HttpRoute route) {
		this.head = head;
		this.target = target;
		this.route = route;
	}

	HttpRequest head() {
		return this.head;
	}

	boolean wantsBody() {
		return this.route.maxBodyBytes() > 0;
	}

	/**
	 * Whether the body is, or says it is, larger than what is read of it.
	 * @return {@code true} if it is
	 */
	boolean bodyIsTooLong() {
		int max = wantsBody() ? this.route.maxBodyBytes() : MAX_UNWANTED_BYTES;
		return Math.max(this.bodyBytes, HttpUtil.getContentLength(this.head, 0L)) > max;
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
		if (wantsBody() && !bodyIsTooLong()) {
			copy(part);
		}
	}

	/**
	 * Asks the route's handler.
	 * @return its answer, failed if it throws
	 */
	CompletionStage<HttpAnswer> ask() {
		try {
			return this.route.handler()
				.answer(new HttpQuery(this.head.method().name(), this.target.path(), this.target.parameters(),
						headers(), this.body.toByteString()));
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
