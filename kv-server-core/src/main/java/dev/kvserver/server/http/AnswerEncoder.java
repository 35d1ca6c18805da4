package dev.kvserver.server.http;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Makes the HTTP message of an answer, with the names of headers in the case in which Go
 * writes them. One connection's event loop.
 */
final class AnswerEncoder {

	private static final DateTimeFormatter DATE = DateTimeFormatter
		.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
		.withZone(ZoneOffset.UTC);

	private static final AsciiString CONTENT_TYPE = AsciiString.of("Content-Type");

	private static final AsciiString CONTENT_LENGTH = AsciiString.of("Content-Length");

	private static final AsciiString TRANSFER_ENCODING = AsciiString.of("Transfer-Encoding");

	private static final AsciiString CONNECTION = AsciiString.of("Connection");

	private final InstantSource clock;

	AnswerEncoder(InstantSource clock) {
		this.clock = clock;
	}

	/**
	 * The head of an answer whose body follows in pieces: in chunks, or up to the end of
	 * the connection for a client that knows no chunks.
	 * @param request what is answered
	 * @param answer the answer
	 * @param origin what a browser is told, {@code null} for nothing
	 * @param keepAlive whether the connection stays open
	 * @return the message
	 */
	HttpResponse head(HttpRequest request, HttpAnswer answer, @Nullable String origin, boolean keepAlive) {
		boolean old = isOld(request);
		HttpResponse response = new DefaultHttpResponse(old ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1,
				HttpResponseStatus.valueOf(answer.status()));
		addHeaders(response.headers(), origin, answer);
		if (!old) {
			response.headers().set(TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
		}
		addConnection(response.headers(), keepAlive, old);
		return response;
	}

	private static boolean isOld(HttpRequest request) {
		return request.protocolVersion().minorVersion() == 0;
	}

	private void addHeaders(HttpHeaders headers, @Nullable String origin, HttpAnswer answer) {
		if (origin != null) {
			headers.set("Access-Control-Allow-Headers", "accept, content-type, authorization");
			headers.set("Access-Control-Allow-Methods", "POST, GET, OPTIONS, PUT, DELETE");
			headers.set("Access-Control-Allow-Origin", origin);
		}
		answer.headers().forEach(headers::set);
		headers.set("Date", DATE.format(this.clock.instant()));
	}

	private static void addConnection(HttpHeaders headers, boolean keepAlive, boolean old) {
		if (keepAlive && old) {
			headers.set(CONNECTION, HttpHeaderValues.KEEP_ALIVE);
		}
		if (!keepAlive && !old) {
			headers.set(CONNECTION, HttpHeaderValues.CLOSE);
		}
	}

	/**
	 * An answer to a well-formed request.
	 * @param request what is answered
	 * @param answer the answer
	 * @param origin what a browser is told, {@code null} for nothing
	 * @param keepAlive whether the connection stays open
	 * @return the message
	 */
	FullHttpResponse answer(HttpRequest request, HttpAnswer answer, @Nullable String origin, boolean keepAlive) {
		boolean old = isOld(request);
		ByteBuf body = request.method().equals(HttpMethod.HEAD) ? Unpooled.EMPTY_BUFFER : wrap(answer.body());
		FullHttpResponse response = new DefaultFullHttpResponse(old ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1,
				HttpResponseStatus.valueOf(answer.status()), body);
		addHeaders(response.headers(), origin, answer);
		response.headers().setInt(CONTENT_LENGTH, answer.body().size());
		addConnection(response.headers(), keepAlive, old);
		return response;
	}

	/**
	 * The last word on a malformed request.
	 * @param refusal why it is refused
	 * @return the message
	 */
	FullHttpResponse refusal(HeadCheck.Refusal refusal) {
		FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
				HttpResponseStatus.valueOf(refusal.status()), wrap(ByteString.copyFromUtf8(refusal.text())));
		HttpHeaders headers = response.headers();
		if (!refusal.text().isEmpty()) {
			headers.set(CONTENT_TYPE, "text/plain; charset=utf-8");
		}
		headers.setInt(CONTENT_LENGTH, refusal.text().length());
		headers.set(CONNECTION, HttpHeaderValues.CLOSE);
		return response;
	}

	private static ByteBuf wrap(ByteString body) {
		return Unpooled.wrappedBuffer(body.asReadOnlyByteBuffer());
	}

}
