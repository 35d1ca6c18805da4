package dev.kvserver.spring.boot.autoconfigure;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.KvGrpcService;
import dev.kvserver.server.KvHttpHandler;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerInterceptor;
import dev.kvserver.server.KvStore;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/** Beans that are added to the client port. */
class KvServerExtensionsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(KvServerAutoConfiguration.class, KvServerTransportAutoConfiguration.class))
		.withPropertyValues("kv.server.listen.addresses=127.0.0.1:0");

	@Test
	void handlersMayUseTheStoreAndInterceptorsAreOrdered() {
		this.contextRunner.withUserConfiguration(Added.class).run((context) -> {
			int port = context.getBean(KvServer.class).port();
			assertThat(get(port, "/app/revision")).isEqualTo("2");
			assertThat(post(port, "/v3/kv/range", "{\"key\":\"a2V5\"}")).contains("\"count\":\"1\"");
			assertThat(context.getBean(Seen.class).names()).containsExactly("early", "late");
		});
	}

	@Test
	void twoOfTheSameKindStopTheStart() {
		this.contextRunner.withUserConfiguration(Added.class)
			.withBean("again", KvGrpcService.class,
					() -> () -> ServerServiceDefinition.builder("etcdserverpb.KV").build())
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasRootCauseInstanceOf(IllegalArgumentException.class)
				.hasStackTraceContaining("Two gRPC services of one name"));
	}

	private static String get(int port, String path) throws Exception {
		return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build());
	}

	private static String post(int port, String path, String body) throws Exception {
		return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
			.POST(HttpRequest.BodyPublishers.ofString(body))
			.build());
	}

	private static String send(HttpRequest request) throws Exception {
		return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
	}

	@Configuration(proxyBeanMethods = false)
	static class Added {

		@Bean
		Seen seen() {
			return new Seen(new CopyOnWriteArrayList<>());
		}

		@Bean
		KvHttpHandler revisions(KvStore store) {
			return new Revisions(store);
		}

		@Bean
		@Order(2)
		KvServerInterceptor late(Seen seen) {
			return new Seeing("late", seen);
		}

		@Bean
		@Order(1)
		KvServerInterceptor early(Seen seen) {
			return new Seeing("early", seen);
		}

	}

	record Seen(List<String> names) {

	}

	/** Writes to the store, and tells the revision. */
	record Revisions(KvStore store) implements KvHttpHandler {

		@Override
		public String path() {
			return "/app/";
		}

		@Override
		public CompletionStage<HttpAnswer> answer(HttpQuery query) {
			return this.store.put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("key")).build())
				.thenApply((response) -> HttpAnswer.text(200, String.valueOf(response.getHeader().getRevision())));
		}

	}

	record Seeing(String name, Seen seen) implements KvServerInterceptor {

		@Override
		public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
				ServerCallHandler<Q, A> next) {
			this.seen.names().add(this.name);
			return next.startCall(call, headers);
		}

	}

}
