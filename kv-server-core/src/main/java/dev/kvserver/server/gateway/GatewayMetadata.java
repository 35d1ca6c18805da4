package dev.kvserver.server.gateway;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.grpc.Metadata;

/**
 * What a call learns of the HTTP request's headers: {@code Authorization} by its own
 * name, headers that HTTP itself defines with a prefix, and those whose names say that
 * they are metadata.
 */
final class GatewayMetadata {

	private static final String METADATA_PREFIX = "grpc-metadata-";

	private static final String GATEWAY_PREFIX = "grpcgateway-";

	/** What IANA lists as permanent, and a client may send. */
	private static final Set<String> PERMANENT = Set.of("accept", "accept-charset", "accept-language", "accept-ranges",
			"authorization", "cache-control", "content-type", "cookie", "date", "expect", "from", "host", "if-match",
			"if-modified-since", "if-none-match", "if-schedule-tag-match", "if-unmodified-since", "max-forwards",
			"origin", "pragma", "referer", "user-agent", "via", "warning");

	private GatewayMetadata() {
	}

	static Metadata of(Map<String, List<String>> headers) {
		Metadata metadata = new Metadata();
		headers.forEach((header, values) -> {
			String name = header.toLowerCase(Locale.ROOT);
			for (String value : values) {
				if (name.equals("authorization")) {
					put(metadata, name, value);
				}
				if (PERMANENT.contains(name)) {
					put(metadata, GATEWAY_PREFIX + name, value);
				}
				else if (name.startsWith(METADATA_PREFIX)) {
					put(metadata, name.substring(METADATA_PREFIX.length()), value);
				}
			}
		});
		return metadata;
	}

	/** What cannot be metadata is left out. */
	private static void put(Metadata metadata, String name, String value) {
		if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX) || name.startsWith("grpc-")) {
			return;
		}
		try {
			metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
		}
		catch (IllegalArgumentException ex) {
			// A name that HTTP/2 does not allow.
		}
	}

}
