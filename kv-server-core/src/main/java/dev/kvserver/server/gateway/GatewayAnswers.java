package dev.kvserver.server.gateway;

import java.util.LinkedHashMap;
import java.util.Map;

import com.google.protobuf.ByteString;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpSink;
import dev.kvserver.server.http.HttpStream;

/** What good answers have in common. */
final class GatewayAnswers {

	private static final Map<String, String> HEADERS = new LinkedHashMap<>();

	static {
		HEADERS.put("Content-Type", "application/json");
		HEADERS.put("Grpc-Metadata-Content-Type", "application/grpc");
	}

	private GatewayAnswers() {
	}

	/** An answer without a single line. */
	static HttpAnswer empty() {
		return new HttpAnswer(200, Map.of(), ByteString.EMPTY, new HttpStream() {

			@Override
			public void start(HttpSink sink) {
				sink.end();
			}

			@Override
			public void ready() {
				// There is nothing to send.
			}

			@Override
			public void abandon() {
				// Nobody waits.
			}

		});
	}

	static HttpAnswer stream(HttpStream stream) {
		return new HttpAnswer(200, HEADERS, ByteString.EMPTY, stream);
	}

	static HttpAnswer ok(ByteString json) {
		return new HttpAnswer(200, HEADERS, json);
	}

}
