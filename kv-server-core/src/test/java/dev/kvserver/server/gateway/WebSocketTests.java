package dev.kvserver.server.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import com.google.gson.JsonParser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Section 4.2 of the contract, WebSocket. */
@Timeout(60)
class WebSocketTests {

	private static final String GOOD = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==";

	private final GatewayServer server = new GatewayServer(true);

	private final HttpClient client = HttpClient.newHttpClient();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aWatchIsAConversation() throws Exception {
		try (Talk talk = talk("/v3/watch")) {
			talk.say("{\"create_request\":{\"key\":\"YQ==\"}}");
			assertThat(talk.hear()).startsWith("{\"result\":{").contains("\"created\":true");
			this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}");
			assertThat(talk.hear()).contains("\"events\"");
			talk.say("{\"cancel_request\":");
			talk.say("{}}");
			assertThat(talk.hear()).contains("\"canceled\":true");
			talk.socket.sendPing(ByteBuffer.wrap(new byte[] { 1, 2 })).get(20, TimeUnit.SECONDS);
			assertThat(talk.hear()).isEqualTo("pong 2");
			this.server.server().drain();
			assertThat(talk.hear()).isEqualTo("{\"error\":{\"code\":14,\"message\":\"etcdserver: server stopped\"}}");
			assertThat(talk.hear()).isEqualTo("closed 1000");
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/v3/kv/put|{"key":"YQ=="}|"revision":"2"
			/v3beta/kv/put|{"key":"YQ=="}|"revision":"2"
			/v3/kv/put|{nonsense}|{"code":3,"message":
			/v3/kv/range|{}|{"code":3,"message":"etcdserver: key is not provided"}
			/v3/nothing|{}|{"code":5,"message":"Not Found"}
			""")
	void unaryCallsAreAnsweredByOneMessage(String path, String request, String expected) throws Exception {
		try (Talk talk = talk(path)) {
			talk.say(request);
			assertThat(talk.hear()).contains(expected);
			assertThat(talk.hear()).isEqualTo("closed 1000");
		}
	}

	@Test
	void aClientThatLeavesGivesUpItsPlace() throws Exception {
		this.server.post("/v3/lock/lock", "{\"name\":\"bA==\"}");
		try (Talk talk = talk("/v3/lock/lock")) {
			talk.say("{\"name\":\"bA==\"}");
			awaitKeys(2);
			talk.socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
			assertThat(talk.hear()).isEqualTo("closed 1000");
			awaitKeys(1);
		}
		try (Talk talk = talk("/v3/lock/lock")) {
			talk.say("{\"name\":\"bA==\"}");
			awaitKeys(2);
			talk.socket.abort();
			awaitKeys(1);
		}
	}

	private void awaitKeys(long count) throws Exception {
		while (this.server.keys() != count) {
			Thread.onSpinWait();
		}
	}

	/**
	 * "Sec-WebSocket-Protocol: Bearer, <token> -> Authorization; a cookie named token
	 * likewise, and it wins."
	 */
	@Test
	void theTokenComesAsProtocolOrCookie() throws Exception {
		this.server.post("/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"p\"}");
		this.server.post("/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
		this.server.post("/v3/auth/enable", "");
		String token = JsonParser
			.parseString(this.server.post("/v3/auth/authenticate", "{\"name\":\"root\",\"password\":\"p\"}").body())
			.getAsJsonObject()
			.get("token")
			.getAsString();
		assertThat(put((builder) -> builder)).contains("user name is empty");
		assertThat(put((builder) -> builder.subprotocols("Bearer", token))).contains("\"revision\":\"2\"");
		assertThat(put((builder) -> builder.header("Cookie", "a=b; token=" + token))).contains("\"revision\":\"3\"");
		assertThat(put((builder) -> builder.subprotocols("Bearer", token).header("Cookie", "token=no.1")))
			.contains("invalid auth token");
	}

	private String put(UnaryOperator<WebSocket.Builder> with) throws Exception {
		try (Talk talk = new Talk(this.server, "/v3/kv/put", with)) {
			talk.say("{\"key\":\"YQ==\"}");
			return talk.hear();
		}
	}

	@Test
	void aClientThatSaysNothingIsClosedAtTheIdleTimeout() throws Exception {
		try (GatewayServer impatient = new GatewayServer(Duration.ofMillis(100));
				Talk talk = talk(impatient, "/v3/watch")) {
			assertThat(talk.hear()).isEqualTo("closed 1001");
		}
	}

	@Test
	void aMessageThatIsTooLargeEndsTheConversation() throws Exception {
		try (Talk talk = talk("/v3/watch")) {
			talk.say("{\"create_request\":{\"key\":\"YQ==\"}}");
			assertThat(talk.hear()).contains("\"created\":true");
			talk.say("A".repeat(8 << 20));
			assertThat(talk.hear()).isIn("closed 1009", "closed");
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			GET|/v3/watch|Sec-WebSocket-Version: 12|400 Bad Request
			GET|/v3/watch|Sec-WebSocket-Version: 13|400 Bad Request
			GET|/v3/watch|Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGVzdA==|400 Bad Request
			GET|/v3/watch|Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: !|400 Bad Request
			POST|/v3/watch|GOOD|405 Method Not Allowed
			GET|/version|GOOD|200 OK
			GET|/v3/watch|GOOD|101 Switching Protocols
			GET|/v3/watch|Content-Length: 2\\r\\nGOOD|400 Bad Request
			""")
	void onlyAWellFormedHandshakeIsAccepted(String method, String path, String headers, String status)
			throws Exception {
		try (GatewayServer.Open raw = raw(method + ' ' + path
				+ " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade" + "\r\nUpgrade: websocket\r\n"
				+ headers.replace("GOOD", GOOD).replace("\\r\\n", "\r\n") + "\r\n\r\n{}")) {
			assertThat(raw.line()).isEqualTo("HTTP/1.1 " + status);
		}
	}

	/** RFC 6455, section 5.1: a server must close upon a frame that is not masked. */
	@Test
	void aFrameThatIsNotMaskedEndsTheConversation() throws Exception {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.server.server().port())) {
			socket.setSoTimeout(20_000);
			socket.getOutputStream().write("""
					GET /v3/watch HTTP/1.1
					Host: x
					Connection: Upgrade
					Upgrade: websocket
					Sec-WebSocket-Version: 13
					Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

					""".replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
			GatewayServer.Open answer = new GatewayServer.Open(socket);
			assertThat(answer.line()).isEqualTo("HTTP/1.1 101 Switching Protocols");
			assertThat(answer.line()).isEqualTo("Upgrade: websocket");
			assertThat(answer.line()).isEqualTo("Connection: Upgrade");
			// The example of RFC 6455, section 1.3.
			assertThat(answer.line()).isEqualTo("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
			assertThat(answer.line()).isEmpty();
			socket.getOutputStream().write(new byte[] { (byte) 0x81, 2, '{', '}' });
			assertThat(answer.line()).isNotEqualTo("{the end}");
			assertThat(answer.line()).isEqualTo("{the end}");
		}
	}

	private GatewayServer.Open raw(String request) throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.server.server().port());
		socket.setSoTimeout(20_000);
		socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
		return new GatewayServer.Open(socket);
	}

	private Talk talk(String path) throws Exception {
		return talk(this.server, path);
	}

	private Talk talk(GatewayServer other, String path) throws Exception {
		return new Talk(other, path, (builder) -> builder);
	}

	/** The client's side of a conversation. */
	private final class Talk implements WebSocket.Listener, AutoCloseable {

		private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

		private final StringBuilder part = new StringBuilder();

		private final WebSocket socket;

		Talk(GatewayServer to, String path, UnaryOperator<WebSocket.Builder> with) throws Exception {
			URI uri = URI.create("ws://127.0.0.1:" + to.server().port() + path);
			this.socket = with.apply(WebSocketTests.this.client.newWebSocketBuilder())
				.buildAsync(uri, this)
				.get(20, TimeUnit.SECONDS);
		}

		/** A server that has said its last word may not be there to hear it. */
		void say(String text) {
			this.socket.sendText(text, true)
				.orTimeout(20, TimeUnit.SECONDS)
				.exceptionally((failure) -> this.socket)
				.join();
		}

		String hear() throws InterruptedException {
			String text = this.heard.poll(20, TimeUnit.SECONDS);
			return (text != null) ? text : "nothing";
		}

		@Override
		public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
			this.part.append(data);
			if (last) {
				this.heard.add(this.part.toString());
				this.part.setLength(0);
			}
			from.request(1);
			return null;
		}

		@Override
		public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
			this.heard.add("pong " + message.remaining());
			from.request(1);
			return null;
		}

		@Override
		public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
			this.heard.add("closed " + status);
			return null;
		}

		@Override
		public void onError(WebSocket from, Throwable error) {
			this.heard.add("closed");
		}

		@Override
		public void close() {
			this.socket.abort();
		}

	}

}
