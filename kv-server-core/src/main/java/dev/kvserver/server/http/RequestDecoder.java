package dev.kvserver.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Netty's decoder, as strict as it can be: what two parsers could read in two ways is how
 * requests are smuggled past a proxy. A message it cannot read carries a failed
 * {@link io.netty.handler.codec.DecoderResult}; nothing after it is decoded.
 */
final class RequestDecoder extends HttpRequestDecoder {

	private static final int MAX_LINE_BYTES = 8 * 1024;

	RequestDecoder(int maxHeadBytes) {
		super(new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE_BYTES)
			.setMaxHeaderSize(maxHeadBytes)
			.setAllowDuplicateContentLengths(false)
			.setStrictLineParsing(true));
	}

	/**
	 * Netty would drop the length and go on.
	 */
	@Override
	protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
		throw new IllegalArgumentException("Both Content-Length and Transfer-Encoding: chunked");
	}

	@Override
	protected HttpMessage createInvalidMessage() {
		return new NotHttp();
	}

	/**
	 * Stands for bytes whose first line is not that of an HTTP/1 request.
	 */
	static final class NotHttp extends DefaultFullHttpRequest {

		NotHttp() {
			super(HttpVersion.HTTP_1_0, HttpMethod.GET, "*", Unpooled.EMPTY_BUFFER);
		}

	}

}
