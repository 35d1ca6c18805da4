package dev.kvserver.spring.boot.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.google.protobuf.ByteString;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvStore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Start, pause, restart and end of an application, seen by clients of the port.
 */
class KvServerLifecycleTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private ConfigurableApplicationContext context;

	@BeforeEach
	void start() {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.properties("kv.server.listen.addresses=127.0.0.1:0")
			.run();
	}

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void embeddedStoreAndPortServeTheSameData() {
		try (GrpcClient client = new GrpcClient(port())) {
			store().put("embedded", ByteString.copyFromUtf8("1"), TIMEOUT);
			client.put("remote", "2");
			assertThat(client.get("embedded")).isEqualTo("1");
			assertThat(store().get("remote", TIMEOUT)).isEqualTo(ByteString.copyFromUtf8("2"));
		}
	}

	@Test
	void watchOpenAtCloseIsToldToReconnect() throws InterruptedException {
		try (GrpcClient client = new GrpcClient(port())) {
			GrpcClient.OpenWatch watch = client.watch("key");
			this.context.close();
			Status end = watch.end();
			assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
			assertThat(end.getDescription()).isEqualTo("etcdserver: server stopped");
		}
	}

	@Test
	void closedContextRefusesConnections() {
		int port = port();
		this.context.close();
		assertThatItRefusesConnections(port);
	}

	@Test
	void restartKeepsThePortAndTheData() {
		int port = port();
		store().put("key", ByteString.copyFromUtf8("value"), TIMEOUT);
		this.context.stop();
		assertThatItRefusesConnections(port);
		this.context.start();
		assertThat(port()).isEqualTo(port);
		assertThat(this.context.getEnvironment().getProperty("local.kv.server.port", Integer.class)).isEqualTo(port);
		try (GrpcClient client = new GrpcClient(port)) {
			assertThat(client.get("key")).isEqualTo("value");
		}
	}

	@Test
	void watchSurvivesAPause() throws InterruptedException {
		try (GrpcClient client = new GrpcClient(port())) {
			GrpcClient.OpenWatch watch = client.watch("key");
			this.context.pause();
			client.put("key", "1");
			this.context.restart();
			client.put("key", "2");
			assertThat(watch.eventValues(2)).containsExactly("1", "2");
		}
	}

	@Test
	void embeddedStoreServesWhileThePortIsClosed() {
		this.context.stop();
		store().put("key", ByteString.copyFromUtf8("value"), TIMEOUT);
		assertThat(store().get("key", TIMEOUT)).isEqualTo(ByteString.copyFromUtf8("value"));
	}

	@Test
	void beanThatEndsWithTheContextCanStillUseTheStore() {
		LastWords words = this.context.getBean(LastWords.class);
		this.context.close();
		assertThat(words.spoken).isEqualTo("goodbye");
	}

	@Test
	void readinessIsTakenAwayByAStopAndGivenBackByAStart() {
		List<ReadinessState> states = this.context.getBean(Readiness.class).states;
		assertThat(states).containsExactly(ReadinessState.ACCEPTING_TRAFFIC);
		this.context.stop();
		assertThat(states).last().isEqualTo(ReadinessState.REFUSING_TRAFFIC);
		this.context.start();
		assertThat(states).last().isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
		this.context.close();
		assertThat(states).containsExactly(ReadinessState.ACCEPTING_TRAFFIC, ReadinessState.REFUSING_TRAFFIC,
				ReadinessState.ACCEPTING_TRAFFIC, ReadinessState.REFUSING_TRAFFIC);
	}

	@Test
	void watchWorksAfterARestart() throws InterruptedException {
		this.context.stop();
		this.context.start();
		try (GrpcClient client = new GrpcClient(port())) {
			GrpcClient.OpenWatch watch = client.watch("key");
			client.put("key", "1");
			assertThat(watch.eventValues(1)).containsExactly("1");
		}
	}

	@Test
	void jvmIsKeptAliveWhileThePortIsOpen() throws InterruptedException {
		List<Thread> threads = threadsThatKeepTheJvmAlive();
		assertThat(threads).isNotEmpty();
		this.context.stop();
		for (Thread thread : threads) {
			thread.join(TIMEOUT.toMillis());
		}
		assertThat(threadsThatKeepTheJvmAlive()).isEmpty();
	}

	private int port() {
		return this.context.getBean(KvServer.class).port();
	}

	private KvStore store() {
		return this.context.getBean(KvStore.class);
	}

	private static void assertThatItRefusesConnections(int port) {
		try (GrpcClient client = new GrpcClient(port)) {
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> client.get("key"))
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
		}
	}

	private static List<Thread> threadsThatKeepTheJvmAlive() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("kv-") && !thread.isDaemon())
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ KvServerAutoConfiguration.class, KvServerTransportAutoConfiguration.class })
	static class Application {

		@Bean
		LastWords lastWords(KvStore store) {
			return new LastWords(store);
		}

		@Bean
		Readiness readiness() {
			return new Readiness();
		}

	}

	/** A bean whose end needs the store. */
	static final class LastWords implements DisposableBean {

		private final KvStore store;

		private @Nullable String spoken;

		LastWords(KvStore store) {
			this.store = store;
		}

		@Override
		public void destroy() {
			this.store.put("last", ByteString.copyFromUtf8("goodbye"), TIMEOUT);
			ByteString value = this.store.get("last", TIMEOUT);
			this.spoken = (value != null) ? value.toStringUtf8() : null;
		}

	}

	/** Remembers what a load balancer would be told. */
	static final class Readiness {

		private final List<ReadinessState> states = new CopyOnWriteArrayList<>();

		@EventListener
		void changed(AvailabilityChangeEvent<ReadinessState> event) {
			this.states.add(event.getState());
		}

	}

}
