package dev.kvserver.server.port;

import java.util.List;

import io.grpc.Status;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the headers of an HTTP/2 request whether it is a call of gRPC at all. What
 * is none, curl's requests for example, gets what grpc-go answers: a status of HTTP
 * beside that of gRPC, and no body. gRPC itself would answer in plain text.
 */
final class RequestHead {

	static final AsciiString CONTENT_TYPE = AsciiString.of("content-type");

	static final AsciiString GRPC = AsciiString.of("application/grpc");

	private static final AsciiString CONNECTION = AsciiString.of("connection");

	private static final AsciiString POST = AsciiString.of("POST");

	private RequestHead() {
	}

	/**
	 * Why a request is no call.
	 *
	 * @param httpStatus the status of HTTP
	 * @param contentType the content type of the answer
	 * @param status the status of gRPC
	 */
	record Refusal(int httpStatus, String contentType, Status status) {
	}

	/**
	 * Checks a request.
	 * @param headers its headers
	 * @return why it is refused, or null if that is for gRPC to decide
	 */
	static @Nullable Refusal check(Http2Headers headers) {
		CharSequence type = headers.get(CONTENT_TYPE);
		if (GRPC.contentEquals(type == null ? "" : type) && POST.contentEquals(method(headers))) {
			return null;
		}
		if (headers.get(CONNECTION) != null) {
			// Malformed, for which gRPC resets the stream.
			return null;
		}
		CharSequence invalid = "";
		CharSequence valid = null;
		List<CharSequence> types = headers.getAll(CONTENT_TYPE);
		for (CharSequence each : types) {
			if (isGrpc(each)) {
				valid = each;
			}
			else {
				invalid = each;
			}
		}
		if (valid == null) {
			return new Refusal(415, GRPC.toString(),
					Status.INVALID_ARGUMENT.withDescription("invalid gRPC request content-type " + quoted(invalid)));
		}
		if (!POST.contentEquals(method(headers))) {
			return new Refusal(405, answerType(valid), Status.INTERNAL.withDescription(
					"Received a HEADERS frame with :method " + quoted(method(headers)) + " which should be POST"));
		}
		return null;
	}

	private static CharSequence method(Http2Headers headers) {
		CharSequence method = headers.method();
		return (method != null) ? method : "";
	}

	private static boolean isGrpc(CharSequence type) {
		int length = GRPC.length();
		if (type.length() < length || !GRPC.contentEquals(type.subSequence(0, length))) {
			return false;
		}
		return type.length() == length || type.charAt(length) == '+' || type.charAt(length) == ';';
	}

	private static String answerType(CharSequence type) {
		int subtype = GRPC.length() + 1;
		return (type.length() <= subtype) ? GRPC.toString() : GRPC + "+" + type.subSequence(subtype, type.length());
	}

	/** As Go quotes what is ASCII; all else as the number of the byte. */
	private static String quoted(CharSequence text) {
		StringBuilder quoted = new StringBuilder("\"");
		for (int i = 0; i < text.length(); i++) {
			char next = text.charAt(i);
			if (next == '"' || next == '\\') {
				quoted.append('\\').append(next);
			}
			else if (next == '\t') {
				quoted.append("\\t");
			}
			else if (next < ' ' || next > '~') {
				quoted.append("\\x%02x".formatted((int) next));
			}
			else {
				quoted.append(next);
			}
		}
		return quoted.append('"').toString();
	}

}
