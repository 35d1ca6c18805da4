package dev.kvserver.server.port;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.UnaryOperator;

import dev.kvserver.server.http.HttpAnswer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * HTTP/1 over real sockets: what depends on the network.
 */
class Http1PortTests {

	private static final String GET_VERSION = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

	private final OpenPort server = new OpenPort(UnaryOperator.identity());

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aPostOf200KilobytesArrivesWhole() throws IOException {
		try (RawConnection client = this.server.connect()) {
			client.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000));
			assertThat(client.readAnswer().body()).isEqualTo("200000");
			assertThat(client.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
		}
	}

	@Test
	void aClientThatWouldLikeHttp2GetsHttp1() throws Exception {
		HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
		URI uri = URI.create("http://127.0.0.1:" + this.server.port.port() + "/version");
		HttpResponse<String> response = client.send(HttpRequest.newBuilder(uri).build(),
				HttpResponse.BodyHandlers.ofString());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
	}

	@Test
	void aRefusalArrivesThoughTheClientIsStillSending() throws IOException {
		try (RawConnection client = this.server.connect()) {
			client.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + "x".repeat(300_000));
			assertThat(client.readAnswer().status()).isEqualTo(413);
			assertThat(client.readToEnd()).isEmpty();
		}
	}

	@Test
	void aClientThatStopsSendingStillGetsItsAnswers() throws IOException {
		try (RawConnection client = this.server.connect()) {
			client.send(GET_VERSION + GET_VERSION).endOutput();
			assertThat(client.readAnswer().status()).isEqualTo(200);
			assertThat(client.readAnswer().status()).isEqualTo(200);
			assertThat(client.readToEnd()).isEmpty();
		}
	}

	@Test
	void aClientThatStopsSendingStillGetsALateAnswer() throws IOException {
		try (RawConnection client = this.server.connect()) {
			client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n" + GET_VERSION).endOutput();
			Eventually.assertEventually("asked", () -> this.server.laterAsked.get() == 1);
			this.server.later.complete(HttpAnswer.text(200, "late"));
			assertThat(client.readAnswer().body()).isEqualTo("late");
			assertThat(client.readAnswer().status()).isEqualTo(200);
			assertThat(client.readToEnd()).isEmpty();
		}
	}

	@Test
	void aClientThatStopsInTheMiddleOfARequestIsClosed() throws IOException {
		try (RawConnection client = this.server.connect()) {
			assertThat(client.send("GET /ver").endOutput().readToEnd()).isEmpty();
		}
		try (RawConnection client = this.server.connect()) {
			client.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").endOutput();
			assertThat(client.readToEnd()).isEmpty();
		}
	}

	@Test
	void aClientThatDoesNotReadIsNotReadFrom() throws IOException {
		try (RawConnection client = this.server.connect()) {
			client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
			Eventually.assertEventually("asked", () -> this.server.laterAsked.get() == 1);
			String ahead = GET_VERSION.repeat(1000);
			client.send(ahead);
			this.server.later.complete(HttpAnswer.text(200, "late"));
			assertThat(client.readAnswer().body()).isEqualTo("late");
			for (int i = 0; i < 1000; i++) {
				assertThat(client.readAnswer().status()).isEqualTo(200);
			}
		}
	}

}
