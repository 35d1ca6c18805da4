package dev.kvserver.server.http;

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
 * Which requests are refused, and where the others go. What etcd 3.7 answers, except for
 * the cases named as ours.
 */
class HttpRequestTests {

	private static final String GET = "GET /path HTTP/1.1\r\nHost: x\r\n\r\n";

	private final TestConnection connection = new TestConnection(
			HttpRoute.get("/path",
					(query) -> CompletableFuture
						.completedFuture(HttpAnswer.text(200, query.path() + query.parameters()))),
			new HttpRoute("POST", "/path/deep", 10,
					(query) -> CompletableFuture.completedFuture(HttpAnswer.text(200, query.path()))));

	@AfterEach
	void close() {
		this.connection.close();
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "asdf", "GET /path", "GET  /path", "GET /path HTTP/2.0", "GET /path HTTP/3.0", "\u0000\u0001" })
	void whatIsNotHttpIsClosedWithoutAWord(String line) {
		assertThat(this.connection.send(line + "\r\nHost: x\r\n\r\n")).isEmpty();
		assertThat(this.connection.isOpen()).isFalse();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			asdf               | 400 Bad Request
			GET /path HTTP/2.0 | 505 HTTP Version Not Supported: unsupported protocol version
			""")
	void whatIsNotHttpAfterARequestIsRefused(String line, String body) {
		this.connection.send(GET);
		assertThat(bodyOf(this.connection.send(line + "\r\nHost: x\r\n\r\n"))).isEqualTo(body);
		assertThat(this.connection.isOpen()).isFalse();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			A: 1               | 400 Bad Request: missing required Host header
			Host: a~Host: b    | 400 Bad Request
			Host: a b          | 400 Bad Request: malformed Host header
			Host: a/b          | 400 Bad Request: malformed Host header
			Host: x~no colon   | 400 Bad Request
			Host : x           | 400 Bad Request
			Host: x~A: b\u0000c | 400 Bad Request
			Host: x~A: b\\rc   | 400 Bad Request
			""")
	void malformedHeadersAreRefused(String headers, String body) {
		String lines = headers.replace("~", "\r\n").replace("\\r", "\r");
		assertRefused("GET /path HTTP/1.1\r\n" + lines + "\r\n\r\n", body);
	}

	@Test
	void bareLineFeedsAreRefused() {
		this.connection.send("GET /path HTTP/1.1\nHost: x\n\n");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void emptyHostIsFine() {
		assertThat(statusOf(this.connection.send("GET /path HTTP/1.1\r\nHost:\r\n\r\n"))).isEqualTo("HTTP/1.1 200 OK");
		assertThat(statusOf(this.connection.send("GET /path HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")))
			.isEqualTo("HTTP/1.0 200 OK");
		assertThat(statusOf(this.connection.send("GET /path HTTP/1.1\r\nHost: [::1]:2379\r\n\r\n")))
			.isEqualTo("HTTP/1.1 200 OK");
	}

	/** Two lengths that agree, and a length beside chunks, etcd accepts. */
	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 3~Content-Length: 4", "Content-Length: 3~Content-Length: 3",
			"Content-Length: 3, 3", "Content-Length: +3", "Content-Length: -1", "Content-Length: 0x3",
			"Content-Length: ", "Content-Length: 99999999999999999999", "Content-Length: 3~Transfer-Encoding: chunked",
			"Transfer-Encoding: chunked~Content-Length: 3" })
	void ambiguousLengthsAreRefused(String headers) {
		assertRefused("POST /path HTTP/1.1\r\nHost: x\r\n" + headers.replace("~", "\r\n") + "\r\n\r\nabc" + GET,
				"400 Bad Request");
	}

	@ParameterizedTest
	@ValueSource(strings = { "gzip", "gzip, chunked", "identity", "chunked, identity",
			"chunked~Transfer-Encoding: chunked", "xchunked", "chunked;q=1" })
	void transferEncodingsOtherThanChunkedAreNotImplemented(String encoding) {
		assertRefused("POST /path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + encoding.replace("~", "\r\n")
				+ "\r\n\r\n0\r\n\r\n", "Unsupported transfer encoding");
	}

	/** In etcd the encoding is ignored. */
	@Test
	void chunksAreNotForHttp10() {
		assertRefused("POST /path HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 Bad Request");
	}

	@ParameterizedTest
	@ValueSource(strings = { "zz\r\nabc\r\n", "-1\r\n", "3\r\nabcd\r\n", "10000000000000000\r\n", "\r\n" })
	void brokenChunksAreRefused(String chunks) {
		String answer = this.connection
			.send("POST /path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n" + GET);
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 400 Bad Request");
		assertThat(answer).doesNotContain("200 OK");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void unknownExpectationsFail() {
		assertRefused("POST /path HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 3\r\n\r\n", "");
	}

	@Test
	void anOverlongHeadIsTooLarge() {
		assertRefused("GET /path HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat(9000) + "\r\n\r\n",
				"431 Request Header Fields Too Large");
	}

	@Test
	void manyHeadersAreTooLarge() {
		assertRefused("GET /path HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(3000) + "\r\n",
				"431 Request Header Fields Too Large");
	}

	private void assertRefused(String request, String body) {
		String answer = this.connection.send(request);
		assertThat(bodyOf(answer)).isEqualTo(body);
		assertThat(answer).contains("Connection: close").doesNotContain("200 OK");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			/path                     | /path{}
			/%70ath                   | /path{}
			http://host:1/path        | /path{}
			HTTPS://host/path?a=b     | /path{a=[b]}
			/path?                    | /path{}
			/path?a=1&b=2&a=3         | /path{a=[1, 3], b=[2]}
			/path?a                   | /path{a=[]}
			/path?a=%41+b&c=%zz&&d=   | /path{a=[A b], d=[]}
			""")
	void targetsAreDecoded(String target, String body) {
		assertThat(bodyOf(this.connection.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"))).isEqualTo(body);
	}

	@ParameterizedTest
	@ValueSource(strings = { "path", "/bad%zz", "/bad%", "*", "?a=b" })
	void malformedTargetsAreRefused(String target) {
		assertRefused("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			GET     | /nix       | 404 | 404 page not found
			POST    | /nix       | 404 | 404 page not found
			GET     | /          | 404 | 404 page not found
			GET     | /path/     | 404 | 404 page not found
			CONNECT | x:1        | 404 | 404 page not found
			POST    | /path      | 405 | Method Not Allowed
			get     | /path      | 405 | Method Not Allowed
			PATCH   | /path      | 405 | Method Not Allowed
			TRACE   | /path      | 405 | Method Not Allowed
			FOO     | /path      | 405 | Method Not Allowed
			GET     | /path/deep | 405 | Method Not Allowed
			""")
	void unknownPathsAndMethodsAreToldApart(String method, String path, int status, String text) {
		String answer = this.connection.send(method + ' ' + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
		assertThat(statusOf(answer)).startsWith("HTTP/1.1 " + status + ' ');
		assertThat(bodyOf(answer)).isEqualTo(text + '\n');
		assertThat(answer).contains("X-Content-Type-Options: nosniff", "Content-Type: text/plain; charset=utf-8");
		if (status == 405) {
			assertThat(answer).contains("Allow: " + (path.equals("/path") ? "GET" : "POST") + "\r\n");
		}
		assertThat(this.connection.isOpen()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/path", "/nix", "*" })
	void optionsAreAllowedEverywhere(String target) {
		String answer = this.connection.send("OPTIONS " + target + " HTTP/1.1\r\nHost: x\r\nOrigin: http://o\r\n\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 200 OK");
		assertThat(answer).contains("Access-Control-Allow-Origin: *", "Content-Length: 0").endsWith("\r\n\r\n");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			//path          | /path
			/a/../path      | /path
			/./path?a=b&c   | /path?a=b&c
			/../../x/       | /x/
			/a//b/./c/..    | /a/b
			//              | /
			/x/..           | /
			""")
	void anUncleanPathIsRedirected(String path, String location) {
		String answer = this.connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 307 Temporary Redirect");
		assertThat(answer).contains("Location: " + location + "\r\n");
		assertThat(bodyOf(answer))
			.isEqualTo("<a href=\"" + location.replace("&", "&amp;") + "\">Temporary Redirect</a>.\n\n");
	}

	@Test
	void aRedirectOfAPostHasNoBody() {
		String answer = this.connection.send("POST //path HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
		assertThat(answer).contains("Location: /path\r\n", "Content-Length: 0");
	}

	@Test
	void anUpgradeToHttp2IsIgnored() {
		String headers = "Connection: Upgrade, HTTP2-Settings~Upgrade: h2c~HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA";
		String answer = this.connection
			.send("GET /path HTTP/1.1\r\nHost: x\r\n" + headers.replace("~", "\r\n") + "\r\n\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 200 OK");
		assertThat(this.connection.send(GET)).contains("200 OK");
	}

}
