package dev.kvserver.conformance.cases;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The JSON gateway's answers (etcd-contract section 4.2): status, content type and JSON
 * as a tree, in which only ids, terms and sizes may differ. The rows build upon each
 * other.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.MethodName.class)
class GatewayCasesTests {

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

	@ParameterizedTest
	@CsvFileSource(resources = "/gateway/requests.csv", delimiter = '|', quoteCharacter = '`')
	void answersAreEtcds(String method, String path, String body) {
		Answer left = ask(this.reference, method, path, body);
		assertThat(ask(this.candidate, method, path, body)).isEqualTo(left);
	}

	/** The texts are those of Go's JSON package, and say nothing that others need. */
	@ParameterizedTest
	@CsvFileSource(resources = "/gateway/unreadable.csv", delimiter = '|', quoteCharacter = '`')
	void unreadableBodiesAreRefusedAsEtcdDoes(String path, String body) {
		Answer left = ask(this.reference, "POST", path, body);
		Answer right = ask(this.candidate, "POST", path, body);
		assertThat(right.status()).isEqualTo(left.status()).isEqualTo(400);
		assertThat(right.headers()).isEqualTo(left.headers());
		assertThat(code(right)).isEqualTo(code(left));
	}

	private static JsonElement code(Answer answer) {
		JsonObject object = answer.lines().get(0).getAsJsonObject();
		return (object.has("error") ? object.getAsJsonObject("error") : object).get("code");
	}

	private Answer ask(ServerUnderTest server, String method, String path, String body) {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
			.timeout(Duration.ofSeconds(20))
			.method(method, HttpRequest.BodyPublishers.ofString((body != null) ? body : ""))
			.build();
		try {
			HttpResponse<String> response = this.client.send(request, HttpResponse.BodyHandlers.ofString());
			return Answer.of(response);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** What counts of an answer. */
	private record Answer(int status, Map<String, List<String>> headers, List<JsonElement> lines) {

		private static final Set<String> HEADERS = Set.of("content-type", "grpc-metadata-content-type",
				"transfer-encoding", "www-authenticate", "access-control-allow-origin", "allow");

		static Answer of(HttpResponse<String> response) {
			Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
			headers.keySet().retainAll(HEADERS);
			List<JsonElement> lines = new ArrayList<>();
			for (String line : response.body().lines().toList()) {
				lines.add(GatewayJson.of(line));
			}
			return new Answer(response.statusCode(), headers, lines);
		}

	}

}
