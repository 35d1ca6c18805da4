package dev.kvserver.server.http;

import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;

/**
 * A request, decoded.
 *
 * @param method the method, in the client's spelling
 * @param path the path, percent-decoded, starting with '/'
 * @param parameters the query parameters, decoded, in order; never null lists
 * @param headers the headers, by name in lower case, in order; never null lists
 * @param body the body, empty if there is none, the route takes none, or reads it by
 * itself
 * @param content the same body, or what is still to come of it
 */
public record HttpQuery(String method, String path, Map<String, List<String>> parameters,
		Map<String, List<String>> headers, ByteString body, HttpBody content) {

	/**
	 * A request that is complete.
	 * @param method the method, in the client's spelling
	 * @param path the path, percent-decoded, starting with '/'
	 * @param parameters the query parameters, decoded, in order
	 * @param headers the headers, by name in lower case, in order
	 * @param body the body, may be empty
	 */
	public HttpQuery(String method, String path, Map<String, List<String>> parameters,
			Map<String, List<String>> headers, ByteString body) {
		this(method, path, parameters, headers, body, HttpBody.of(body));
	}

	/**
	 * All values of a parameter.
	 * @param name its name
	 * @return the values in order, empty if it is absent
	 */
	public List<String> all(String name) {
		return this.parameters.getOrDefault(name, List.of());
	}

	/**
	 * The first value of a header.
	 * @param name its name in lower case
	 * @return the value, empty if it is absent
	 */
	public String header(String name) {
		List<String> values = this.headers.getOrDefault(name, List.of());
		return values.isEmpty() ? "" : values.get(0);
	}

	/**
	 * The first value of a parameter.
	 * @param name its name
	 * @return the value, empty if it is absent
	 */
	public String first(String name) {
		List<String> values = all(name);
		return values.isEmpty() ? "" : values.get(0);
	}

}
