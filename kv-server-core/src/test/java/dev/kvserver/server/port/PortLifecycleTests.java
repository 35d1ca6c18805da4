package dev.kvserver.server.port;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpRoutes;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Opening, draining and closing the port.
 */
class PortLifecycleTests {

	private static final String GET_VERSION = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

	private static final String GET_LATER = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";

	private static final String WATCH = "/test.Service/Watch";

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private OpenPort server = new OpenPort(UnaryOperator.identity());

	@AfterEach
	void close() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(PortTransport.class)
	void everyTransportServes(PortTransport transport) throws IOException {
		this.server.close();
		this.server = new OpenPort((options) -> options.transport(transport).eventLoopThreads(1));
		try (RawConnection http = this.server.connect(); RawHttp2 grpc = new RawHttp2(this.server.port.port())) {
			assertThat(http.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			grpc.call(1, "/test.Service/Echo").message(1, new byte[0], true);
			assertThat(grpc.outcome(1).status()).startsWith("0");
		}
	}

	@Test
	void severalAddressesAreServedAndListedInOrder() throws IOException {
		this.server.close();
		this.server = new OpenPort(
				(options) -> options.addresses(List.of(new InetSocketAddress("127.0.0.2", 0), OpenPort.loopback())));
		List<InetSocketAddress> addresses = this.server.port.addresses()
			.stream()
			.map(InetSocketAddress.class::cast)
			.toList();
		assertThat(addresses).extracting(InetSocketAddress::getHostString).containsExactly("127.0.0.2", "127.0.0.1");
		assertThat(this.server.port.port()).isEqualTo(addresses.get(0).getPort());
		try (RawConnection client = new RawConnection(addresses.get(1).getPort())) {
			assertThat(client.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
		}
	}

	@Test
	void shutdownClosesIdleHttp1Connections() throws Exception {
		try (RawConnection idle = this.server.connect(); RawConnection began = this.server.connect()) {
			assertThat(idle.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			began.send("GET /ver");
			assertEventually("connected", () -> this.server.port.openConnections() == 2);
			this.server.port.shutdown();
			assertThat(idle.readToEnd()).isEmpty();
			assertThat(began.readToEnd()).isEmpty();
			assertThat(this.server.port.awaitDrained(PATIENCE)).isTrue();
		}
	}

	@Test
	void shutdownLetsAnHttp1RequestFinish() throws Exception {
		try (RawConnection client = this.server.connect()) {
			client.send(GET_LATER + GET_VERSION);
			assertEventually("asked", () -> this.server.laterAsked.get() == 1);
			this.server.port.shutdown();
			assertThat(this.server.port.awaitDrained(Duration.ofMillis(20))).isFalse();
			this.server.later.complete(HttpAnswer.text(200, "done"));
			RawConnection.Answer answer = client.readAnswer();
			assertThat(answer.body()).isEqualTo("done");
			assertThat(answer.header("Connection")).isEqualTo("close");
			assertThat(client.readToEnd()).isEmpty();
			assertThat(this.server.port.awaitDrained(PATIENCE)).isTrue();
		}
	}

	@Test
	void shutdownSendsGoAwayAndClosesOnceItIsAcknowledged() throws Exception {
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			client.await(RawHttp2.SETTINGS);
			this.server.port.shutdown();
			assertThat(client.await(RawHttp2.GOAWAY).goAwayCode()).isZero();
			RawHttp2.Frame ping = client.await(RawHttp2.PING);
			client.frame(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload().toByteArray());
			assertThat(client.await(RawHttp2.GOAWAY).goAwayCode()).isZero();
			assertThat(client.connection().readToEnd()).isEmpty();
			assertThat(this.server.port.awaitDrained(PATIENCE)).isTrue();
		}
	}

	@Test
	void shutdownLetsACallFinishWithTheStatusItsOwnerGives() throws Exception {
		BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
		ClientCalls.asyncBidiStreamingCall(this.server.channel().newCall(TestServices.WATCH, CallOptions.DEFAULT),
				collecting(ends));
		StreamObserver<byte[]> watch = this.server.services.watches.poll(20, TimeUnit.SECONDS);
		assertThat(watch).isNotNull();
		this.server.health.drain();
		this.server.port.shutdown();
		assertThat(this.server.port.awaitDrained(Duration.ofMillis(20))).isFalse();
		watch.onError(EtcdError.STOPPED.status().asException());
		assertThat(this.server.port.awaitDrained(PATIENCE)).isTrue();
		Status end = ends.poll(20, TimeUnit.SECONDS);
		assertThat(end).isNotNull();
		assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(end.getDescription()).isEqualTo("etcdserver: server stopped");
	}

	private static StreamObserver<byte[]> collecting(BlockingQueue<Status> ends) {
		return new StreamObserver<>() {

			@Override
			public void onNext(byte[] response) {
				// Only the end counts.
			}

			@Override
			public void onError(Throwable failure) {
				ends.add(Status.fromThrowable(failure));
			}

			@Override
			public void onCompleted() {
				ends.add(Status.OK);
			}

		};
	}

	@Test
	void noConnectionIsAcceptedAfterShutdown() {
		int port = this.server.port.port();
		this.server.port.shutdown();
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> new RawConnection(port).close());
	}

	@Test
	void closeCutsEverythingOffAndLeavesNoConnectionAndNoThread() throws IOException {
		Set<Thread> before = portThreads();
		try (OpenPort other = new OpenPort(UnaryOperator.identity());
				RawConnection silent = other.connect();
				RawConnection http = other.connect();
				RawConnection answering = other.connect();
				RawHttp2 grpc = new RawHttp2(other.port.port())) {
			http.send("GET /ver");
			answering.send(GET_LATER);
			grpc.call(1, WATCH).message(1, new byte[] { 1 }, false).await(RawHttp2.DATA);
			assertEventually("connected", () -> other.port.openConnections() == 4);
			assertThat(portThreads()).hasSizeGreaterThan(before.size());
			other.port.close();
			assertThat(silent.readToEnd()).isEmpty();
			assertThat(http.readToEnd()).isEmpty();
			assertThat(answering.readToEnd()).isEmpty();
			grpc.connection().readToEnd();
			assertThat(other.services.openWatches).hasValue(0);
			assertThat(portThreads()).isSubsetOf(before);
		}
	}

	private static Set<Thread> portThreads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("kv-accept") || thread.getName().startsWith("kv-serve"))
			.collect(Collectors.toSet());
	}

	@Test
	void closeDoesNotWaitForAPeerThatReadsNothing() throws IOException {
		try (RawHttp2 client = new RawHttp2(this.server.port.port())) {
			byte[] message = RawHttp2.delimited(new byte[16_000]);
			for (int i = 0; i < 64; i++) {
				client.call(2 * i + 1, WATCH);
				for (int j = 0; j < 8; j++) {
					client.frame(RawHttp2.DATA, 0, 2 * i + 1, message);
				}
			}
			assertEventually("called", () -> this.server.services.watches.size() == 64);
			long start = System.nanoTime();
			this.server.port.close();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
		}
	}

	@Test
	void theSamePortCanBeOpenedAgainAtOnce() throws IOException {
		InetSocketAddress address = (InetSocketAddress) this.server.port.addresses().get(0);
		try (RawConnection client = this.server.connect()) {
			assertThat(client.send(GET_VERSION).readAnswer().status()).isEqualTo(200);
			this.server.close();
		}
		this.server = new OpenPort((options) -> options.addresses(List.of(address)));
		assertThat(this.server.port.port()).isEqualTo(address.getPort());
	}

	@Test
	void aPortIsOpenedOnceAndKnowsNoAddressUnlessItIsOpen() {
		KvPort port = new KvPort(PortOptions.builder().addresses(List.of(OpenPort.loopback())).build(), List.of(),
				new HttpRoutes(List.of()), List.of());
		assertThatIllegalStateException().isThrownBy(port::addresses);
		port.shutdown();
		port.start();
		assertThatIllegalStateException().isThrownBy(port::start);
		port.close();
		port.close();
		assertThatIllegalStateException().isThrownBy(port::port);
		assertThatIllegalStateException().isThrownBy(port::start);
		assertThat(port.openConnections()).isZero();
	}

	@Test
	void aHostThatDoesNotExistIsNamed() {
		InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
		try (KvPort port = new KvPort(PortOptions.builder().addresses(List.of(nowhere)).build(), List.of(),
				new HttpRoutes(List.of()), List.of())) {
			assertThatExceptionOfType(PortException.class).isThrownBy(port::start)
				.withMessageContaining("nowhere.invalid");
		}
	}

}
