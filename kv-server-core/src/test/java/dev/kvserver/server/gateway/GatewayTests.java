package dev.kvserver.server.gateway;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3lockpb.LockRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Section 4.2 of the contract, over real connections. */
@Timeout(60)
class GatewayTests {

	/** For them it is as if nothing was sent. */
	private static final Set<String> STREAMING = Set.of("/v3/watch", "/v3/lease/keepalive");

	private final GatewayServer server = new GatewayServer(true);

	@AfterEach
	void close() {
		this.server.close();
	}

	static List<String> routes() {
		List<String> routes = new ArrayList<>();
		for (FileDescriptor file : List.of(PutRequest.getDescriptor().getFile(), LockRequest.getDescriptor().getFile(),
				CampaignRequest.getDescriptor().getFile())) {
			for (ServiceDescriptor service : file.getServices()) {
				for (MethodDescriptor method : service.getMethods()) {
					HttpRule rule = method.getOptions().getExtension(AnnotationsProto.http);
					routes.add(rule.getPost());
					rule.getAdditionalBindingsList().forEach((other) -> routes.add(other.getPost()));
				}
			}
		}
		routes.removeIf(String::isEmpty);
		return routes;
	}

	@Test
	void allRoutesOfTheContractAreAnnotated() {
		assertThat(routes()).hasSize(51).doesNotHaveDuplicates();
	}

	/** Every route reads its body: what is no JSON is refused, and nothing else is. */
	@ParameterizedTest
	@MethodSource("routes")
	void everyRouteIsServed(String route) {
		if (!STREAMING.contains(route)) {
			assertThat(this.server.post(route, "{").statusCode()).as("bad JSON").isEqualTo(400);
			assertThat(this.server.post(route, "{").body()).contains("\"code\":3");
		}
		assertThat(this.server.send("GET", route, "").statusCode()).as("GET").isEqualTo(501);
	}

	@Test
	void keysAndValuesAreBase64AndNumbersAreStrings() {
		HttpResponse<String> put = this.server.post("/v3/kv/put",
				"{\"key\": \"Zm9v\", \"value\": \"YmFy\", \"prevKv\": true}");
		assertThat(put.statusCode()).isEqualTo(200);
		assertThat(put.headers().firstValue("content-type")).contains("application/json");
		assertThat(put.headers().firstValue("grpc-metadata-content-type")).contains("application/grpc");
		JsonElement range = json(this.server.post("/v3/kv/range", "{\"key\":\"Zm9v\"}").body());
		range.getAsJsonObject().remove("header");
		assertThat(range).isEqualTo(json("""
				{"kvs": [{"key": "Zm9v", "create_revision": "2", "mod_revision": "2", "version": "1",
				"value": "YmFy"}], "count": "1"}"""));
		JsonElement header = json(put.body()).getAsJsonObject().get("header");
		assertThat(header.getAsJsonObject().keySet()).containsExactly("cluster_id", "member_id", "revision",
				"raft_term");
		assertThat(header.getAsJsonObject().get("revision").getAsJsonPrimitive().isString()).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			/v3/kv/range|{}|400|3|etcdserver: key is not provided
			/v3/kv/range|| 400|3|etcdserver: key is not provided
			/v3/kv/range|{"key":"YQ","revision":9}|400|11|etcdserver: mvcc: required revision is a future revision
			/v3/lease/revoke|{"ID":7}|404|5|etcdserver: requested lease not found
			/v3/kv/lease/revoke|{"ID":"7"}|404|5|etcdserver: requested lease not found
			/v3/auth/authenticate|{"name":"a"}|400|9|etcdserver: authentication is not enabled
			/v3/nothing|{}|404|5|Not Found
			/v3beta/nothing|{}|404|5|Not Found
			/v3beta/lease/revoke|{"ID":7,"x":[1]} trailing|404|5|etcdserver: requested lease not found
			/v3/election/leader|{"name":"YQ=="}|500|2|election: no leader
			""")
	void errorsHaveEtcdsStatusCodeAndText(String path, String body, int status, int code, String text) {
		HttpResponse<String> response = this.server.post(path, (body != null) ? body : "");
		assertThat(response.body()).isEqualTo("{\"code\":" + code + ",\"message\":\"" + text + "\"}");
		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(response.headers().firstValue("content-type")).contains("application/json");
	}

	@Test
	void otherPathsAreNotTheGateways() {
		assertThat(this.server.post("/v2/keys", "{}").body()).isEqualTo("404 page not found\n");
		assertThat(this.server.send("OPTIONS", "/v3/kv/put", "").statusCode()).isEqualTo(200);
		assertThat(this.server.send("GET", "/v3/kv/put", "").body())
			.isEqualTo("{\"code\":12,\"message\":\"Method Not Allowed\"}");
		try (GatewayServer without = new GatewayServer(false)) {
			assertThat(without.post("/v3/kv/range", "{}").body()).isEqualTo("404 page not found\n");
		}
	}

	@Test
	void largeAnswersAndTooLargeRequests() {
		String value = "YWFh".repeat(400_000);
		assertThat(this.server.post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"" + value + "\"}").statusCode())
			.isEqualTo(200);
		String body = this.server.post("/v3/kv/range", "{\"key\":\"YQ==\"}").body();
		assertThat(
				json(body).getAsJsonObject().getAsJsonArray("kvs").get(0).getAsJsonObject().get("value").getAsString())
			.isEqualTo(value);
		String tooLarge = "YWFh".repeat(600_000);
		assertThat(json(this.server.post("/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"" + tooLarge + "\"}").body())
			.getAsJsonObject()
			.get("message")
			.getAsString()).isEqualTo("etcdserver: request is too large");
		assertThat(this.server.post("/v3/kv/put", "{\"key\":\"" + "YWFh".repeat(2_000_000) + "\"}").statusCode())
			.isEqualTo(413);
	}

	@ParameterizedTest
	@ValueSource(ints = { 90, 200, 10_000, 100_000 })
	void deepNestingIsRefused(int depth) {
		String nested = "{\"success\":[{\"request_txn\":".repeat(depth) + "{}" + "}]}".repeat(depth);
		assertThat(this.server.post("/v3/kv/txn", nested).statusCode()).isEqualTo(400);
		String array = "[".repeat(depth) + "]".repeat(depth);
		assertThat(this.server.post("/v3/kv/txn", "{\"unknown\":" + array + ",\"compare\":7}").statusCode())
			.isEqualTo(400);
		assertThat(this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}").statusCode()).isEqualTo(200);
	}

	@Test
	void watchIsALineForEachResponse() throws Exception {
		try (GatewayServer.Open watch = this.server.open("/v3/watch",
				"{\"create_request\":{\"key\":\"YQ==\"}} {\"create_request\":{\"key\":\"Yg==\"}}")) {
			assertThat(watch.line()).isEqualTo("HTTP/1.1 200 OK");
			assertThat(result(watch.next())).contains("\"created\":true").doesNotContain("watch_id");
			assertThat(result(watch.next())).contains("\"created\":true", "\"watch_id\":\"1\"");
			this.server.post("/v3/kv/put", "{\"key\":\"Yg==\",\"value\":\"Mg==\"}");
			assertThat(result(watch.next())).contains("\"watch_id\":\"1\"",
					"\"events\":[{\"kv\":{\"key\":\"Yg==\",\"create_revision\":\"2\"");
			this.server.post("/v3/kv/deleterange", "{\"key\":\"Yg==\"}");
			assertThat(result(watch.next())).contains("\"type\":\"DELETE\"");
			this.server.server().drain();
			assertThat(watch.next()).isEqualTo("{\"error\":{\"code\":14,\"message\":\"etcdserver: server stopped\"}}");
		}
	}

	/** "An undecodable later message also just half-closes the request side." */
	@Test
	void keepAlivesAreAnsweredInOrderAndTheAnswerEnds() {
		this.server.post("/v3/lease/grant", "{\"ID\":7,\"TTL\":60}");
		HttpResponse<String> answer = this.server.post("/v3/lease/keepalive",
				"{\"ID\":7}\n{\"ID\":8}{\"ID\":7} {nonsense");
		List<String> lines = answer.body().lines().toList();
		assertThat(lines).hasSize(3);
		assertThat(lines.get(0)).contains("\"ID\":\"7\",\"TTL\":\"60\"");
		assertThat(lines.get(1)).contains("\"ID\":\"8\"").doesNotContain("TTL");
		assertThat(lines.get(2)).contains("\"ID\":\"7\",\"TTL\":\"60\"");
		assertThat(answer.headers().firstValue("transfer-encoding")).contains("chunked");
	}

	@Test
	void aStreamThatFailsAtOnceHasAStatusOfItsOwn() {
		enableAuth();
		HttpResponse<String> answer = this.server.post("/v3/maintenance/snapshot", "{}");
		assertThat(answer.statusCode()).isEqualTo(400);
		assertThat(answer.body())
			.isEqualTo("{\"error\":{\"code\":3,\"message\":\"etcdserver: user name is empty\"}}\n");
	}

	@Test
	void aSnapshotIsStreamed() {
		List<String> lines = this.server.post("/v3/maintenance/snapshot", "").body().lines().toList();
		assertThat(lines).isNotEmpty().allMatch((line) -> line.startsWith("{\"result\":{") && line.contains("blob"));
	}

	@Test
	void aClientThatLeavesGivesUpItsPlace() throws Exception {
		this.server.post("/v3/lock/lock", "{\"name\":\"bA==\"}");
		try (GatewayServer.Open waiting = this.server.open("/v3/lock/lock", "{\"name\":\"bA==\"}")) {
			awaitKeys(2);
			assertThat(waiting).isNotNull();
		}
		awaitKeys(1);
	}

	@Test
	void aCallThatIsOutOfTimeGivesUpItsPlace() throws Exception {
		this.server.post("/v3/lock/lock", "{\"name\":\"bA==\"}");
		HttpResponse<String> late = this.server.post("/v3/lock/lock", "{\"name\":\"bA==\"}", "Grpc-Timeout", "200m");
		assertThat(late.statusCode()).isEqualTo(504);
		assertThat(late.body()).isEqualTo("{\"code\":4,\"message\":\"context deadline exceeded\"}");
		awaitKeys(1);
	}

	@Test
	void theAuthorizationHeaderCarriesTheToken() {
		enableAuth();
		HttpResponse<String> refused = this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}");
		assertThat(refused.body()).isEqualTo("{\"code\":3,\"message\":\"etcdserver: user name is empty\"}");
		String token = json(this.server.post("/v3/auth/authenticate", "{\"name\":\"root\",\"password\":\"p\"}").body())
			.getAsJsonObject()
			.get("token")
			.getAsString();
		for (String value : List.of(token, "Bearer " + token)) {
			assertThat(this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}", "Authorization", value).statusCode())
				.isEqualTo(200);
		}
		HttpResponse<String> wrong = this.server.post("/v3/kv/put", "{\"key\":\"YQ==\"}", "Authorization", "x.1");
		assertThat(wrong.statusCode()).isEqualTo(401);
		assertThat(wrong.headers().firstValue("www-authenticate")).contains("etcdserver: invalid auth token");
	}

	private void enableAuth() {
		this.server.post("/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"p\"}");
		this.server.post("/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
		this.server.post("/v3/auth/enable", "");
	}

	private void awaitKeys(long count) throws Exception {
		while (this.server.keys() != count) {
			Thread.onSpinWait();
		}
	}

	private static String result(String line) {
		assertThat(line).startsWith("{\"result\":{").endsWith("}}");
		return line;
	}

	private static JsonElement json(String text) {
		return JsonParser.parseString(text);
	}

}
