package dev.kvserver.server.http;

import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.kvserver.server.http.TestConnection.bodyOf;
import static dev.kvserver.server.http.TestConnection.statusOf;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Host names and origins (etcd-contract section 4.1), as etcd 3.7 answers with
 * {@code --host-whitelist=foo.com,bar,::1 --cors=http://a:1,http://b:2}.
 */
class HttpAccessTests {

	private final TestConnection connection = new TestConnection(
			HttpAccess.of(List.of("http://a:1", "http://b:2"), List.of("foo.com", "bar", "::1")),
			HttpRoute.get("/x", (query) -> CompletableFuture.completedFuture(HttpAnswer.text(200, "x"))));

	@AfterEach
	void close() {
		this.connection.close();
	}

	private String get(String host, String more) {
		return this.connection.send("GET /x HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "foo.com", "foo.com:99", "bar", "[::1]:2379" })
	void hostsOnTheListAreAnswered(String host) {
		assertThat(statusOf(get(host, ""))).isEqualTo("HTTP/1.1 200 OK");
	}

	@ParameterizedTest
	@CsvSource({ "127.0.0.1:23790, 127.0.0.1", "FOO.com, FOO.com", "bar.evil.com, bar.evil.com", "[::2]:99, ::2",
			"bar:1:2, bar:1:2" })
	void othersAreMisdirected(String host, String named) {
		String answer = get(host, "Origin: http://a:1\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 421 Misdirected Request");
		assertThat(answer).contains("Content-Type: text/plain; charset=utf-8", "X-Content-Type-Options: nosniff")
			.doesNotContain("Access-Control");
		assertThat(bodyOf(answer)).startsWith("\netcd received your request, but the Host header was unrecognized.\n")
			.contains("  - e.g. etcd --host-whitelist \"" + named + "\"\n")
			.endsWith("\"DNS Rebinding\" attacks (CVE-2018-5702).\n\n");
	}

	@Test
	void bytesOfTheRefusalAreAsMany() {
		assertThat(get("127.0.0.1:1", "")).contains("Content-Length: 371\r\n");
	}

	@Test
	void theNameInTheTargetCountsBeforeTheHeader() {
		assertThat(statusOf(this.connection.send("GET http://evil/x HTTP/1.1\r\nHost: bar\r\n\r\n"))).contains("421");
		assertThat(statusOf(this.connection.send("GET http://bar:7/x HTTP/1.1\r\nHost: evil\r\n\r\n"))).contains("200");
		assertThat(statusOf(this.connection.send("OPTIONS /x HTTP/1.1\r\nHost: evil\r\n\r\n"))).contains("421");
		assertThat(statusOf(this.connection.send("GET /nothing HTTP/1.1\r\nHost: evil\r\n\r\n"))).contains("421");
	}

	@Test
	void originsOnTheListAreEchoed() {
		assertThat(get("bar", "Origin: http://b:2\r\n")).contains("Access-Control-Allow-Origin: http://b:2\r\n",
				"Access-Control-Allow-Headers: accept, content-type, authorization\r\n",
				"Access-Control-Allow-Methods: POST, GET, OPTIONS, PUT, DELETE\r\n");
		assertThat(get("bar", "Origin: http://c\r\n")).contains("200 OK").doesNotContain("Access-Control");
		assertThat(get("bar", "")).contains("200 OK").doesNotContain("Access-Control");
	}

	@Test
	void nobodyIsRefusedUnlessTold() {
		try (TestConnection open = new TestConnection(HttpAccess.of(List.of("*"), List.of("*")))) {
			String answer = open.send("GET /x HTTP/1.1\r\nHost: evil\r\nOrigin: http://c\r\n\r\n");
			assertThat(answer).contains("404 Not Found", "Access-Control-Allow-Origin: *\r\n");
		}
	}

}
