package dev.kvserver.server.http;

import java.util.BitSet;
import java.util.List;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are refused for their form, before anything looks at their meaning.
 * Statuses and texts are those of Go's HTTP server, except that a length together with
 * chunks is refused and not repaired.
 */
final class HeadCheck {

	/** Closes without a word, as etcd does with what is not HTTP. */
	static final Refusal SILENT = new Refusal(0, "");

	/** Malformed in a way that has no name. */
	static final Refusal BAD_REQUEST = new Refusal(400, "400 Bad Request");

	private static final Refusal NO_HOST = new Refusal(400, "400 Bad Request: missing required Host header");

	private static final Refusal BAD_HOST = new Refusal(400, "400 Bad Request: malformed Host header");

	private static final Refusal HEAD_TOO_LARGE = new Refusal(431, "431 Request Header Fields Too Large");

	private static final Refusal BAD_VERSION = new Refusal(505,
			"505 HTTP Version Not Supported: unsupported protocol version");

	private static final Refusal BAD_ENCODING = new Refusal(501, "Unsupported transfer encoding");

	private static final Refusal BAD_EXPECTATION = new Refusal(417, "");

	private static final BitSet HOST_CHARACTERS = hostCharacters();

	private HeadCheck() {
	}

	/**
	 * Checks the head of a request.
	 * @param request the head
	 * @param first whether it is the connection's first
	 * @return why it is refused, or {@code null} if it is fine
	 */
	static @Nullable Refusal check(HttpRequest request, boolean first) {
		if (request.decoderResult().isFailure()) {
			return undecodable(request, first);
		}
		if (request.protocolVersion().majorVersion() != 1) {
			return first ? SILENT : BAD_VERSION;
		}
		Refusal refusal = checkEncoding(request);
		if (refusal == null) {
			refusal = checkHost(request);
		}
		if (refusal == null && expectsTheUnexpected(request)) {
			refusal = BAD_EXPECTATION;
		}
		return refusal;
	}

	private static Refusal undecodable(HttpRequest request, boolean first) {
		Throwable cause = request.decoderResult().cause();
		if (cause instanceof PrematureChannelClosureException) {
			return SILENT;
		}
		if (request instanceof RequestDecoder.NotHttp) {
			return first ? SILENT : BAD_REQUEST;
		}
		if (cause instanceof TooLongHttpHeaderException) {
			return HEAD_TOO_LARGE;
		}
		Refusal refusal = checkEncoding(request);
		return (refusal != null) ? refusal : BAD_REQUEST;
	}

	private static @Nullable Refusal checkEncoding(HttpRequest request) {
		List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
		if (encodings.isEmpty()) {
			return null;
		}
		if (request.protocolVersion().minorVersion() == 0) {
			return BAD_REQUEST;
		}
		boolean chunked = encodings.size() == 1 && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.get(0));
		return chunked ? null : BAD_ENCODING;
	}

	private static @Nullable Refusal checkHost(HttpRequest request) {
		List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
		if (hosts.isEmpty()) {
			return (request.protocolVersion().minorVersion() == 0) ? null : NO_HOST;
		}
		if (hosts.size() > 1) {
			return BAD_REQUEST;
		}
		boolean wellFormed = hosts.get(0).chars().allMatch(HOST_CHARACTERS::get);
		return wellFormed ? null : BAD_HOST;
	}

	private static boolean expectsTheUnexpected(HttpRequest request) {
		String expected = request.headers().get(HttpHeaderNames.EXPECT);
		return expected != null && !expected.isEmpty() && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expected);
	}

	private static BitSet hostCharacters() {
		BitSet characters = new BitSet();
		characters.set('a', 'z' + 1);
		characters.set('A', 'Z' + 1);
		characters.set('0', '9' + 1);
		"!$%&'()*+,-.:;=[]_~".chars().forEach(characters::set);
		return characters;
	}

	/**
	 * The end of a connection.
	 *
	 * @param status the HTTP status, 0 for none
	 * @param text the whole body
	 */
	record Refusal(int status, String text) {

		boolean isSilent() {
			return this.status == 0;
		}

	}

}
