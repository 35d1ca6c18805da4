package dev.kvserver.server.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ProfileRoutesTests {

	@ParameterizedTest
	@CsvSource({ "'', goroutine", "goroutine, ProfileRoutesTests", "heap, java.lang.String", "cmdline, java" })
	void pagesTellWhatTheJvmHas(String page, String content) {
		HttpAnswer answer = ask(ProfileRoutes.of(Runnable::run), page, Map.of()).join();
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.body().toStringUtf8()).contains(content);
	}

	@Test
	void aProfileIsARecording() {
		HttpAnswer answer = ask(ProfileRoutes.of(Runnable::run), "profile", Map.of("seconds", List.of("1"))).join();
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.headers()).containsEntry("Content-Type", "application/octet-stream");
		assertThat(answer.body().startsWith(ByteString.copyFromUtf8("FLR"))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-1", "301", "x", "1.5", "99999999999" })
	void aLengthOutOfBoundsIsRefused(String seconds) {
		assertThat(ask(ProfileRoutes.of(Runnable::run), "profile", Map.of("seconds", List.of(seconds))).join().status())
			.isEqualTo(400);
	}

	@Test
	void oneIsMadeAtATime() {
		Deque<Runnable> tasks = new ArrayDeque<>();
		List<HttpRoute> routes = ProfileRoutes.of(tasks::add);
		CompletableFuture<HttpAnswer> first = ask(routes, "heap", Map.of());
		assertThat(ask(routes, "goroutine", Map.of()).join().status()).isEqualTo(503);
		tasks.remove().run();
		assertThat(first.join().status()).isEqualTo(200);
		CompletableFuture<HttpAnswer> second = ask(routes, "goroutine", Map.of());
		tasks.remove().run();
		assertThat(second.join().status()).isEqualTo(200);
	}

	@Test
	void nothingIsDoneOnTheCallersThread() {
		Executor never = (task) -> {
		};
		assertThat(ask(ProfileRoutes.of(never), "heap", Map.of())).isNotDone();
	}

	private static CompletableFuture<HttpAnswer> ask(List<HttpRoute> routes, String page,
			Map<String, List<String>> parameters) {
		String path = "/debug/pprof/" + page;
		HttpRoute route = routes.stream().filter((each) -> each.path().equals(path)).findFirst().orElseThrow();
		return route.handler()
			.answer(new HttpQuery("GET", path, parameters, Map.of(), ByteString.EMPTY))
			.toCompletableFuture();
	}

}
