package dev.kvserver.sample;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.spring.boot.test.AutoConfigureTestKv;
import dev.kvserver.spring.boot.test.LocalKvServerPort;
import dev.kvserver.spring.boot.test.TestKv;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The web on one side, a client of etcd's port on the other: both see the same flags.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureTestKv
class FlagControllerTests {

	private static final ParameterizedTypeReference<List<Flag>> FLAGS = new ParameterizedTypeReference<>() {
	};

	private final TestKv kv;

	private final RestClient web;

	private final ManagedChannel channel;

	@Autowired
	FlagControllerTests(TestKv kv, @LocalServerPort int webPort, @LocalKvServerPort int kvPort) {
		this.kv = kv;
		this.web = RestClient.builder()
			.baseUrl("http://127.0.0.1:" + webPort)
			.defaultStatusHandler((status) -> true, (request, response) -> {
			})
			.build();
		this.channel = NettyChannelBuilder.forAddress("127.0.0.1", kvPort).usePlaintext().build();
	}

	@BeforeEach
	void reset() {
		this.kv.reset();
	}

	@AfterEach
	void close() {
		this.channel.shutdownNow();
	}

	@Test
	void flagSetOverHttpIsSeenOnEtcdsPort() {
		Flag flag = put("dark-mode", "on").getBody();
		KeyValue kv = etcd().range(RangeRequest.newBuilder().setKey(utf8("flags/dark-mode")).build()).getKvs(0);
		assertThat(kv.getValue().toStringUtf8()).isEqualTo("on");
		assertThat(flag).isEqualTo(new Flag("dark-mode", "on", kv.getModRevision()));
	}

	@Test
	void flagSetOnEtcdsPortIsSeenOverHttp() {
		long revision = etcd().put(PutRequest.newBuilder().setKey(utf8("flags/beta")).setValue(utf8("20%")).build())
			.getHeader()
			.getRevision();
		assertThat(get("beta").getBody()).isEqualTo(new Flag("beta", "20%", revision));
	}

	@Test
	void flagsAreListedInTheOrderOfTheirNamesWithoutOtherKeys() {
		long b = this.kv.put("flags/b", "2");
		long a = this.kv.put("flags/a", "1");
		this.kv.put("flags0", "not a flag");
		this.kv.put("flag", "nor this");
		assertThat(list()).containsExactly(new Flag("a", "1", a), new Flag("b", "2", b));
	}

	@Test
	void listIsEmptyAtFirst() {
		assertThat(list()).isEmpty();
	}

	@Test
	void deletedFlagIsGoneOnBothSides() {
		this.kv.put("flags/old", "on");
		assertThat(delete("old")).isEqualTo(HttpStatus.NO_CONTENT);
		assertThat(this.kv.dump()).isEmpty();
		assertThat(get("old").getStatusCode()).isEqualTo(HttpStatus.NOT_FOUND);
	}

	@Test
	void deleteOfAnUnknownFlagIsNotFound() {
		assertThat(delete("unknown")).isEqualTo(HttpStatus.NOT_FOUND);
	}

	@Test
	void flagMayBeEmptyAndOfAnyAlphabet() {
		put("größe", "");
		assertThat(this.kv.dump()).containsExactly(Map.entry("flags/größe", ""));
	}

	@Test
	void valueBeyondTheLimitIsRefusedInEtcdsWords() {
		ResponseEntity<ProblemDetail> response = this.web.put()
			.uri("/api/flags/large")
			.contentType(MediaType.TEXT_PLAIN)
			.body("x".repeat(1_600_000))
			.retrieve()
			.toEntity(ProblemDetail.class);
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.CONTENT_TOO_LARGE);
		assertThat(response.getBody()).extracting(ProblemDetail::getDetail)
			.isEqualTo("etcdserver: request is too large");
	}

	@Test
	void actuatorShowsTheServer() {
		String health = this.web.get().uri("/actuator/health/kv").retrieve().body(String.class);
		assertThat(health).isEqualTo("{\"status\":\"UP\"}");
		assertThat(this.web.get().uri("/actuator/health/readiness").retrieve().body(String.class))
			.contains("\"status\":\"UP\"");
	}

	private ResponseEntity<Flag> put(String name, String value) {
		return this.web.put()
			.uri("/api/flags/{name}", name)
			.contentType(new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8))
			.body(value)
			.retrieve()
			.toEntity(Flag.class);
	}

	private ResponseEntity<Flag> get(String name) {
		return this.web.get().uri("/api/flags/{name}", name).retrieve().toEntity(Flag.class);
	}

	private @Nullable List<Flag> list() {
		return this.web.get().uri("/api/flags").retrieve().body(FLAGS);
	}

	private HttpStatusCode delete(String name) {
		return this.web.delete().uri("/api/flags/{name}", name).retrieve().toBodilessEntity().getStatusCode();
	}

	private KVGrpc.KVBlockingStub etcd() {
		return KVGrpc.newBlockingStub(this.channel).withDeadlineAfter(10, TimeUnit.SECONDS);
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
