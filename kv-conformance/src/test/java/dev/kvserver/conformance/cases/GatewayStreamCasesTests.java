package dev.kvserver.conformance.cases;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Streams of the JSON gateway, and WebSockets (etcd-contract section 4.2). Each row is a
 * script, carried out on both servers; what is read is compared. The rows build upon each
 * other.
 */
@Tag("real-etcd")
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class GatewayStreamCasesTests {

	private final ServerUnderTest reference = EtcdProcess.startFast(EtcdBinary.reference());

	private final ServerUnderTest candidate = Candidates.startNotifying();

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	@BeforeAll
	void requireNewForm() {
		assumeThat(EtcdBinary.reference().isAtLeast(3, 6)).as("older versions word errors differently").isTrue();
	}

	@AfterAll
	void close() {
		this.reference.close();
		this.candidate.close();
	}

	/**
	 * Steps are {@code say MESSAGE}, {@code hear COUNT} and {@code post PATH BODY},
	 * divided by semicolons.
	 */
	@ParameterizedTest
	@CsvFileSource(resources = "/gateway/websocket.csv", delimiter = '|', quoteCharacter = '`')
	void conversationsAreEtcds(String path, String script) throws Exception {
		List<JsonElement> left = talk(this.reference, path, script);
		assertThat(talk(this.candidate, path, script)).isEqualTo(left).isNotEmpty();
	}

	private List<JsonElement> talk(ServerUnderTest server, String path, String script) throws Exception {
		List<JsonElement> heard = new ArrayList<>();
		try (GatewayTalk talk = new GatewayTalk(this.client, server.port(), path)) {
			for (String step : script.split(";", -1)) {
				String[] words = step.strip().split(" ", 2);
				switch (words[0]) {
					case "say" -> talk.say(words[1]);
					case "hear" -> {
						for (int i = 0; i < Integer.parseInt(words[1]); i++) {
							heard.add(GatewayJson.of(talk.hear()));
						}
					}
					default -> heard.add(new JsonPrimitive(post(server, words[1])));
				}
			}
		}
		return heard;
	}

	private int post(ServerUnderTest server, String pathAndBody) throws Exception {
		String[] words = pathAndBody.split(" ", 2);
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + words[0]))
			.POST(HttpRequest.BodyPublishers.ofString(words[1]))
			.build();
		return this.client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
	}

	/**
	 * The handshake's answer, without its date and the length that etcd's spaces vary.
	 */
	@ParameterizedTest
	@CsvFileSource(resources = "/gateway/handshakes.csv", delimiter = '|', quoteCharacter = '`')
	void handshakesAreAnsweredAsEtcdDoes(String method, String path, String headers) throws Exception {
		List<String> left = handshake(this.reference, method, path, headers);
		assertThat(handshake(this.candidate, method, path, headers)).isEqualTo(left).isNotEmpty();
	}

	private static List<String> handshake(ServerUnderTest server, String method, String path, String headers)
			throws Exception {
		try (Socket socket = open(server)) {
			String head = method + ' ' + path + " HTTP/1.1\r\nHost: x\r\n"
					+ ((headers != null) ? headers.replace(";", "\r\n") + "\r\n" : "") + "\r\n";
			socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
			BufferedReader reader = reader(socket);
			List<String> lines = new ArrayList<>();
			for (String line = reader.readLine(); line != null && !line.isEmpty(); line = reader.readLine()) {
				if (!line.startsWith("Date:") && !line.startsWith("Content-Length:")) {
					lines.add(line);
				}
			}
			lines.subList(1, lines.size()).sort(null);
			return lines;
		}
	}

	/** A body that ends leaves the watch open; what comes of it is read line by line. */
	@ParameterizedTest
	@CsvFileSource(resources = "/gateway/streams.csv", delimiter = '|', quoteCharacter = '`')
	void streamsAreEtcds(String path, String body, String posts, int lines) throws Exception {
		List<JsonElement> left = stream(this.reference, path, body, posts, lines);
		assertThat(stream(this.candidate, path, body, posts, lines)).isEqualTo(left).hasSize(lines);
	}

	private List<JsonElement> stream(ServerUnderTest server, String path, String body, String posts, int count)
			throws Exception {
		try (Socket socket = open(server)) {
			byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
			String head = "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes.length + "\r\n\r\n";
			socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
			socket.getOutputStream().write(bytes);
			BufferedReader reader = reader(socket);
			List<JsonElement> lines = new ArrayList<>();
			lines.add(next(reader));
			if (posts != null) {
				for (String post : posts.split(";", -1)) {
					assertThat(post(server, post.strip())).isEqualTo(200);
				}
			}
			while (lines.size() < count) {
				lines.add(next(reader));
			}
			return lines;
		}
	}

	private static JsonElement next(BufferedReader reader) throws Exception {
		String line = reader.readLine();
		while (line != null && !line.startsWith("{")) {
			line = reader.readLine();
		}
		return GatewayJson.of((line != null) ? line : GatewayTalk.CLOSED);
	}

	private static Socket open(ServerUnderTest server) throws Exception {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
		socket.setSoTimeout(20_000);
		return socket;
	}

	private static BufferedReader reader(Socket socket) throws Exception {
		return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
	}

}
