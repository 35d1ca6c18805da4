package dev.kvserver.server.http;

import java.util.LinkedHashMap;
import java.util.Map;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * An answer. Length, date, connection and CORS headers are added when it is written.
 *
 * @param status the HTTP status
 * @param headers the headers in the order in which they are sent
 * @param body the body, may be empty; left out when it answers a HEAD
 * @param stream what sends the body piece by piece instead, {@code null} for the body
 */
public record HttpAnswer(int status, Map<String, String> headers, ByteString body, @Nullable HttpStream stream) {

	private static final String PLAIN = "text/plain; charset=utf-8";

	/**
	 * An answer that is complete.
	 * @param status the HTTP status
	 * @param headers the headers in the order in which they are sent
	 * @param body the body, may be empty
	 */
	public HttpAnswer(int status, Map<String, String> headers, ByteString body) {
		this(status, headers, body, null);
	}

	/**
	 * JSON with status 200.
	 * @param body the JSON text
	 * @return the answer
	 */
	public static HttpAnswer json(String body) {
		return new HttpAnswer(200, Map.of("Content-Type", "application/json"), ByteString.copyFromUtf8(body));
	}

	/**
	 * Plain text.
	 * @param status the HTTP status
	 * @param body the text
	 * @return the answer
	 */
	public static HttpAnswer text(int status, String body) {
		return new HttpAnswer(status, Map.of("Content-Type", PLAIN), ByteString.copyFromUtf8(body));
	}

	/**
	 * An error as Go's HTTP server words it: plain text with a newline, and never to be
	 * taken for anything else.
	 * @param status the HTTP status
	 * @param text the text without newline
	 * @return the answer
	 */
	public static HttpAnswer error(int status, String text) {
		return new HttpAnswer(status, Map.of("Content-Type", PLAIN, "X-Content-Type-Options", "nosniff"),
				ByteString.copyFromUtf8(text + '\n'));
	}

	/**
	 * This answer with one more header.
	 * @param name its name
	 * @param value its value
	 * @return a new answer
	 */
	public HttpAnswer with(String name, String value) {
		Map<String, String> more = new LinkedHashMap<>(this.headers);
		more.put(name, value);
		return new HttpAnswer(this.status, more, this.body, this.stream);
	}

}
