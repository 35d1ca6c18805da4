package dev.kvserver.server.http;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** As etcd 3.4 answered. */
class LogLevelRouteTests {

	private final List<String> levels = new ArrayList<>();

	private final TestConnection connection = new TestConnection(LogLevelRoute.of(this.levels::add));

	@AfterEach
	void close() {
		this.connection.close();
	}

	@ParameterizedTest
	@CsvSource({ "DEBUG, DEBUG", "debug, DEBUG", "D, DEBUG", "INFO, INFO", "NOTICE, INFO", "WARNING, WARN", "W, WARN",
			"ERROR, ERROR", "CRITICAL, ERROR", "TRACE, TRACE" })
	void aLevelIsSet(String told, String set) {
		assertThat(TestConnection.statusOf(put("{\"Level\":\"" + told + "\"}"))).isEqualTo("HTTP/1.1 204 No Content");
		assertThat(this.levels).containsExactly(set);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "[]", "{\"Level\":" })
	void whatIsNotJsonIsRefused(String body) {
		String answer = put(body);
		assertThat(TestConnection.statusOf(answer)).isEqualTo("HTTP/1.1 400 Bad Request");
		assertThat(TestConnection.bodyOf(answer)).isEqualTo("{\"message\":\"Invalid json body\"}");
	}

	@ParameterizedTest
	@CsvSource({ "'{}', ''", "'{\"Level\":\"LOUD\"}', LOUD", "'{\"Level\":7}', ''" })
	void anUnknownLevelIsRefused(String body, String level) {
		assertThat(TestConnection.bodyOf(put(body))).isEqualTo("{\"message\":\"Invalid log level " + level + "\"}");
		assertThat(this.levels).isEmpty();
	}

	@Test
	void onlyPutIsAllowed() {
		assertThat(this.connection.send("GET /config/local/log HTTP/1.1\r\nHost: kv\r\n\r\n")).contains("405",
				"Allow: PUT");
	}

	private String put(String body) {
		return this.connection
			.send("PUT /config/local/log HTTP/1.1\r\nHost: kv\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
	}

}
