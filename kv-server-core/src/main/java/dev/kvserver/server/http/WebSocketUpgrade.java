package dev.kvserver.server.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import org.jspecify.annotations.Nullable;

/**
 * A request to speak WebSocket (RFC 6455) from now on, and what becomes of its headers.
 * Refusals and headers are those of the proxy in front of etcd's gateway (etcd-contract
 * section 4.2, WebSocket).
 */
final class WebSocketUpgrade {

	/** For a client that sends more than the request before it is answered. */
	static final HttpAnswer TOO_EARLY = HttpAnswer.error(400, "Bad Request");

	private static final String PROTOCOL = "Sec-WebSocket-Protocol";

	private static final String VERSION = "13";

	private static final String TOKEN_COOKIE = "token";

	/** Appended to the client's key before it is hashed: RFC 6455, section 1.3. */
	private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private static final int KEY_BYTES = 16;

	private final HttpRequest request;

	WebSocketUpgrade(HttpRequest request) {
		this.request = request;
	}

	static boolean isAsked(HttpRequest request) {
		HttpHeaders headers = request.headers();
		return headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
				&& headers.containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
	}

	/** Why the request is refused, {@code null} if it is not. */
	@Nullable HttpAnswer refusal() {
		if (!this.request.method().equals(HttpMethod.GET)) {
			return refuse(405, "Method Not Allowed");
		}
		boolean current = this.request.headers().containsValue(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION, false);
		return (current && hasKey()) ? null : refuse(400, "Bad Request");
	}

	private static HttpAnswer refuse(int status, String text) {
		return HttpAnswer.error(status, text).with("Sec-Websocket-Version", VERSION);
	}

	private boolean hasKey() {
		try {
			return Base64.getDecoder().decode(key()).length == KEY_BYTES;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	private String key() {
		return this.request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "");
	}

	/** The last message of HTTP on the connection. */
	FullHttpResponse response() {
		FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
				HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
		response.headers()
			.set("Upgrade", "websocket")
			.set("Connection", "Upgrade")
			.set("Sec-WebSocket-Accept", accept(key()));
		if (this.request.headers().get(PROTOCOL, "").startsWith("Bearer")) {
			response.headers().set(PROTOCOL, "Bearer");
		}
		return response;
	}

	private static String accept(String key) {
		try {
			byte[] hash = MessageDigest.getInstance("SHA-1")
				.digest((key + KEY_SUFFIX).getBytes(StandardCharsets.ISO_8859_1));
			return Base64.getEncoder().encodeToString(hash);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JVM has SHA-1", ex);
		}
	}

	/**
	 * What the call learns of the request: browsers cannot set an Authorization header.
	 */
	Map<String, List<String>> headers() {
		Map<String, List<String>> headers = new LinkedHashMap<>();
		for (String name : List.of("origin", "referer")) {
			if (this.request.headers().contains(name)) {
				headers.put(name, List.of(this.request.headers().get(name)));
			}
		}
		String authorization = authorization();
		if (authorization != null) {
			headers.put("authorization", List.of(authorization));
		}
		return headers;
	}

	private @Nullable String authorization() {
		String cookies = String.join("; ", this.request.headers().getAll(HttpHeaderNames.COOKIE));
		for (Cookie cookie : ServerCookieDecoder.LAX.decodeAll(cookies)) {
			if (cookie.name().equals(TOKEN_COOKIE)) {
				return "Bearer " + cookie.value();
			}
		}
		String[] protocol = this.request.headers().get(PROTOCOL, "").split(",", -1);
		return (protocol.length > 1) ? protocol[0].strip() + ' ' + protocol[1].strip() : null;
	}

}
