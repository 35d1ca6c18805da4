package dev.kvserver.server.http;

import java.time.Duration;
import java.util.ArrayList;
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
 * Order, keep-alive, bodies, limits and times of one connection.
 */
class HttpConnectionTests {

	private static final String HOST = "Host: x\r\n";

	private static final Duration IDLE = TestConnection.IDLE_TIMEOUT;

	/** Requests to /wait, answered by the test in the order of its choice. */
	private final List<CompletableFuture<HttpAnswer>> waiting = new ArrayList<>();

	private final TestConnection connection = new TestConnection(
			HttpRoute.get("/path", (query) -> CompletableFuture.completedFuture(HttpAnswer.text(200, query.path()))),
			HttpRoute.get("/wait", (query) -> waiting()), HttpRoute.get("/throw", (query) -> {
				throw new IllegalStateException("thrown by the test");
			}), HttpRoute.get("/fail", (query) -> CompletableFuture.failedFuture(new IllegalStateException("failed"))),
			new HttpRoute("POST", "/body", 10,
					(query) -> CompletableFuture.completedFuture(HttpAnswer.text(200, query.body().toStringUtf8()))));

	@AfterEach
	void close() {
		this.connection.close();
	}

	private CompletableFuture<HttpAnswer> waiting() {
		CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
		this.waiting.add(answer);
		return answer;
	}

	private static String get(String path, String... headers) {
		return "GET " + path + " HTTP/1.1\r\n" + HOST + String.join("\r\n", headers)
				+ (headers.length > 0 ? "\r\n" : "") + "\r\n";
	}

	@Test
	void headersAreThoseOfEtcd() {
		assertThat(this.connection.send(get("/path")).replaceFirst("Date: [^\r]*GMT", "Date: now").replace("\r", ""))
			.isEqualTo("""
					HTTP/1.1 200 OK
					Access-Control-Allow-Headers: accept, content-type, authorization
					Access-Control-Allow-Methods: POST, GET, OPTIONS, PUT, DELETE
					Access-Control-Allow-Origin: *
					Content-Type: text/plain; charset=utf-8
					Date: now
					Content-Length: 5

					/path""");
	}

	@Test
	void dateIsInTheFormOfHttp() {
		assertThat(this.connection.send(get("/path"))).containsPattern(
				"Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			HTTP/1.1 |                        | true
			HTTP/1.1 | Connection: keep-alive | true
			HTTP/1.1 | Connection: close      | false
			HTTP/1.1 | Connection: Close      | false
			HTTP/1.0 |                        | false
			HTTP/1.0 | Connection: keep-alive | true
			HTTP/1.5 |                        | true
			""")
	void connectionStaysOpenAsTheVersionAndTheClientSay(String version, String header, boolean open) {
		String line = (header != null) ? header + "\r\n" : "";
		String answer = this.connection.send("GET /path " + version + "\r\n" + HOST + line + "\r\n");
		boolean old = version.equals("HTTP/1.0");
		assertThat(answer).startsWith((old ? "HTTP/1.0" : "HTTP/1.1") + " 200 OK");
		assertThat(answer.contains("Connection: keep-alive")).isEqualTo(old && open);
		assertThat(answer.contains("Connection: close")).isEqualTo(!old && !open);
		assertThat(this.connection.isOpen()).isEqualTo(open);
	}

	@Test
	void answersKeepTheOrderOfTheRequests() {
		assertThat(this.connection.send(get("/wait") + get("/path") + get("/wait") + get("/nix"))).isEmpty();
		assertThat(this.waiting).hasSize(1);
		this.waiting.get(0).complete(HttpAnswer.text(200, "first"));
		String answers = this.connection.answers();
		assertThat(answers).containsSubsequence("first", "/path");
		assertThat(this.waiting).hasSize(2);
		this.waiting.get(1).complete(HttpAnswer.text(200, "third"));
		assertThat(this.connection.answers()).containsSubsequence("third", "404 page not found");
	}

	@Test
	void requestsSentFarAheadDoNotOverflowTheStack() {
		String answers = this.connection.send(get("/path").repeat(3000));
		assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3001);
	}

	@Test
	void anAnswerFromAnotherThreadIsWritten() throws InterruptedException {
		this.connection.send(get("/wait"));
		Thread other = new Thread(() -> this.waiting.get(0).complete(HttpAnswer.text(200, "other")));
		other.start();
		other.join();
		assertThat(this.connection.answers()).endsWith("other");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/throw", "/fail" })
	void aHandlerThatFailsIsAnInternalError(String path) {
		String answer = this.connection.send(get(path));
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 500 Internal Server Error");
		assertThat(bodyOf(answer)).isEqualTo("Internal Server Error\n");
		assertThat(this.connection.isOpen()).isTrue();
	}

	@Test
	void headIsAnsweredWithoutBody() {
		String answer = this.connection.send("HEAD /path HTTP/1.1\r\n" + HOST + "\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 405 Method Not Allowed");
		assertThat(answer).contains("Content-Length: 19\r\n").endsWith("\r\n\r\n");
		assertThat(this.connection.send(get("/path"))).endsWith("/path");
	}

	@Test
	void aBodyIsHandedOver() {
		String head = "POST /body HTTP/1.1\r\n" + HOST;
		assertThat(bodyOf(this.connection.send(head + "Content-Length: 3\r\n\r\nabc"))).isEqualTo("abc");
		assertThat(this.connection.send(head + "Content-Length: 3\r\n\r\na")).isEmpty();
		assertThat(bodyOf(this.connection.send("bc"))).isEqualTo("abc");
		String chunks = "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
		assertThat(bodyOf(this.connection.send(head + chunks))).isEqualTo("abc");
		assertThat(bodyOf(this.connection.send(head + "\r\n"))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Content-Length: 11\r\n\r\n", "Content-Length: 9223372036854775807\r\n\r\n",
			"Transfer-Encoding: chunked\r\n\r\nb\r\nabcdefghijk\r\n" })
	void aBodyLargerThanTheRoutesLimitIsRefused(String body) {
		String answer = this.connection.send("POST /body HTTP/1.1\r\n" + HOST + body);
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
		assertThat(answer).contains("Connection: close");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void aShortBodyThatNobodyWantsIsDropped() {
		String body = "x".repeat(Exchange.MAX_UNWANTED_BYTES);
		String answer = this.connection.send(get("/path", "Content-Length: " + body.length()) + body);
		assertThat(answer).endsWith("/path").doesNotContain("Connection: close");
		assertThat(this.connection.send(get("/path"))).endsWith("/path");
	}

	@Test
	void aLongBodyThatNobodyWantsEndsTheConnectionAfterTheAnswer() {
		String answer = this.connection.send(get("/path", "Content-Length: " + (Exchange.MAX_UNWANTED_BYTES + 1)));
		assertThat(answer).endsWith("/path").contains("Connection: close");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void aClientThatWaitsIsToldToContinueOnlyIfTheBodyIsWanted() {
		String expect = HOST + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
		assertThat(this.connection.send("POST /body HTTP/1.1\r\n" + expect)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
		assertThat(bodyOf(this.connection.send("abc"))).isEqualTo("abc");
		String answer = this.connection.send("POST /path HTTP/1.1\r\n" + expect);
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 405 Method Not Allowed");
		assertThat(answer).contains("Connection: close");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void aClientThatWaitsWithTooLargeABodyIsRefusedBeforeItSends() {
		String answer = this.connection
			.send("POST /body HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n");
		assertThat(statusOf(answer)).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
	}

	@Test
	void aConnectionIsClosedWhenNoRequestComesInTime() {
		this.connection.advance(IDLE.minusNanos(1));
		assertThat(this.connection.isOpen()).isTrue();
		this.connection.advance(Duration.ofNanos(1));
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void everyAnswerStartsTheIdleTimeAnew() {
		this.connection.advance(IDLE.minusSeconds(1));
		this.connection.send(get("/path"));
		this.connection.advance(IDLE.minusSeconds(1));
		assertThat(this.connection.isOpen()).isTrue();
		this.connection.advance(Duration.ofSeconds(1));
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void bytesThatDribbleInDoNotStartItAnew() {
		this.connection.send("GET /path HTTP/1.1\r\n");
		this.connection.advance(IDLE.dividedBy(2));
		this.connection.send(HOST);
		this.connection.advance(IDLE.dividedBy(2));
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void aHandlerMayTakeLongerThanTheIdleTime() {
		this.connection.send(get("/wait"));
		this.connection.advance(IDLE.multipliedBy(3));
		assertThat(this.connection.isOpen()).isTrue();
		this.waiting.get(0).complete(HttpAnswer.text(200, "late"));
		assertThat(this.connection.answers()).endsWith("late");
		this.connection.advance(IDLE.multipliedBy(2));
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void drainClosesAnIdleConnectionAtOnce() {
		this.connection.send(get("/path"));
		this.connection.drain();
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void drainWaitsForTheAnswerButNotForRequestsBehindIt() {
		this.connection.send(get("/wait") + get("/path"));
		this.connection.drain();
		assertThat(this.connection.isOpen()).isTrue();
		this.waiting.get(0).complete(HttpAnswer.text(200, "last"));
		String answers = this.connection.answers();
		assertThat(answers).contains("Connection: close").endsWith("last");
		assertThat(this.connection.isOpen()).isFalse();
	}

	@Test
	void anAnswerAfterTheConnectionIsGoneIsDropped() {
		this.connection.send(get("/wait"));
		this.connection.close();
		this.waiting.get(0).complete(HttpAnswer.text(200, "too late"));
		assertThat(this.connection.answers()).isEmpty();
	}

}
