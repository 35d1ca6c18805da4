package dev.kvserver.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for.
 *
 * @param escapedPath the path as it was sent, starting with '/'
 * @param path the same, percent-decoded
 * @param query what follows the first '?', as it was sent; empty if there is none
 */
record RequestTarget(String escapedPath, String path, String query) {

	/** More are ignored. */
	private static final int MAX_PARAMETERS = 256;

	/**
	 * Reads the target of a request line. The whole server, which only OPTIONS and
	 * CONNECT can ask for, is a path of its own that no route has.
	 * @param head the request's head
	 * @return the target, or {@code null} if it is malformed
	 */
	static @Nullable RequestTarget of(HttpRequest head) {
		boolean server = head.method().equals(HttpMethod.CONNECT)
				|| (head.method().equals(HttpMethod.OPTIONS) && head.uri().equals("*"));
		return server ? new RequestTarget("*", "*", "") : parse(head.uri());
	}

	/**
	 * Reads a target in origin form or in absolute form.
	 * @param uri the target as it was sent
	 * @return the target, or {@code null} if it is malformed
	 */
	static @Nullable RequestTarget parse(String uri) {
		String rest = isAbsolute(uri) ? withoutAuthority(uri) : uri;
		int mark = rest.indexOf('?');
		String escaped = (mark < 0) ? rest : rest.substring(0, mark);
		String path = decode(escaped, false);
		if (!escaped.startsWith("/") || path == null) {
			return null;
		}
		return new RequestTarget(escaped, path, (mark < 0) ? "" : rest.substring(mark + 1));
	}

	/**
	 * Where the client should have gone, as Go's router sees it: without empty segments,
	 * "." and "..".
	 * @return the cleaned escaped path with the query, or {@code null} if the path is
	 * clean
	 */
	@Nullable String redirect() {
		if (this.path.equals("*")) {
			return null;
		}
		String clean = clean(this.escapedPath);
		if (clean.equals(this.escapedPath)) {
			return null;
		}
		return this.query.isEmpty() ? clean : clean + '?' + this.query;
	}

	/**
	 * The query's parameters. A malformed one is left out.
	 * @return the values by name
	 */
	Map<String, List<String>> parameters() {
		Map<String, List<String>> parameters = new LinkedHashMap<>();
		if (this.query.isEmpty()) {
			return parameters;
		}
		for (String pair : this.query.split("&", MAX_PARAMETERS)) {
			int equals = pair.indexOf('=');
			String name = decode((equals < 0) ? pair : pair.substring(0, equals), true);
			String value = decode((equals < 0) ? "" : pair.substring(equals + 1), true);
			if (name != null && value != null && !pair.isEmpty()) {
				parameters.computeIfAbsent(name, (absent) -> new ArrayList<>()).add(value);
			}
		}
		return parameters;
	}

	private static boolean isAbsolute(String uri) {
		return uri.regionMatches(true, 0, "http://", 0, 7) || uri.regionMatches(true, 0, "https://", 0, 8);
	}

	/** The authority of a target in absolute form, {@code null} for another form. */
	static @Nullable String authority(String uri) {
		if (!isAbsolute(uri)) {
			return null;
		}
		int begin = uri.indexOf("//") + 2;
		int end = begin;
		while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?') {
			end++;
		}
		return uri.substring(begin, end);
	}

	private static String withoutAuthority(String uri) {
		for (int i = uri.indexOf("//") + 2; i < uri.length(); i++) {
			if (uri.charAt(i) == '/') {
				return uri.substring(i);
			}
			if (uri.charAt(i) == '?') {
				return '/' + uri.substring(i);
			}
		}
		return "/";
	}

	private static String clean(String path) {
		Deque<String> segments = new ArrayDeque<>();
		for (String segment : path.split("/", -1)) {
			if (segment.equals("..")) {
				segments.pollLast();
			}
			else if (!segment.isEmpty() && !segment.equals(".")) {
				segments.addLast(segment);
			}
		}
		String clean = '/' + String.join("/", segments);
		return (path.endsWith("/") && !segments.isEmpty()) ? clean + '/' : clean;
	}

	/**
	 * Percent-decodes; a '+' is a space in a query only.
	 */
	private static @Nullable String decode(String text, boolean query) {
		if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
			return text;
		}
		try {
			return URLDecoder.decode(query ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
