package dev.kvserver.server.http;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;

/**
 * {@code PUT /config/local/log} with {@code {"Level":"DEBUG"}}, as etcd had it up to 3.4,
 * with the names of levels it had then.
 */
public final class LogLevelRoute {

	private static final int BODY_BYTES_MAX = 4 << 10;

	private static final Map<String, String> LEVELS = Map.ofEntries(Map.entry("CRITICAL", "ERROR"),
			Map.entry("C", "ERROR"), Map.entry("ERROR", "ERROR"), Map.entry("E", "ERROR"), Map.entry("WARNING", "WARN"),
			Map.entry("WARN", "WARN"), Map.entry("W", "WARN"), Map.entry("NOTICE", "INFO"), Map.entry("N", "INFO"),
			Map.entry("INFO", "INFO"), Map.entry("I", "INFO"), Map.entry("DEBUG", "DEBUG"), Map.entry("D", "DEBUG"),
			Map.entry("TRACE", "TRACE"), Map.entry("T", "TRACE"));

	private LogLevelRoute() {
	}

	/**
	 * Makes the route.
	 * @param levels sets the level
	 * @return the route
	 */
	public static HttpRoute of(LogLevels levels) {
		return new HttpRoute("PUT", "/config/local/log", BODY_BYTES_MAX,
				(query) -> CompletableFuture.completedFuture(answer(levels, query.body())));
	}

	private static HttpAnswer answer(LogLevels levels, ByteString body) {
		String wanted = "";
		try {
			Struct.Builder json = Struct.newBuilder();
			JsonFormat.parser().merge(body.toStringUtf8(), json);
			for (Map.Entry<String, Value> field : json.getFieldsMap().entrySet()) {
				if (field.getKey().equalsIgnoreCase("Level")) {
					wanted = field.getValue().getStringValue();
				}
			}
		}
		catch (InvalidProtocolBufferException ex) {
			return refusal("Invalid json body");
		}
		String level = LEVELS.get(wanted.toUpperCase(Locale.ROOT));
		if (level == null) {
			return refusal("Invalid log level " + wanted);
		}
		levels.set(level);
		return new HttpAnswer(204, Map.of(), ByteString.EMPTY);
	}

	private static HttpAnswer refusal(String message) {
		return new HttpAnswer(400, Map.of("Content-Type", "application/json"),
				ByteString.copyFromUtf8("{\"message\":" + Json.quote(message) + '}'));
	}

}
