package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import dev.kvserver.server.http.HttpRoutes;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * gRPC and HTTP/1 on one port: who gets which connection.
 */
class KvPortTests {

	private static final String GET_VERSION = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

	private static final String VERSION = "{\"etcdserver\":\"3.7.0\",\"etcdcluster\":\"3.7.0\",\"storage\":\"3.7.0\"}";

	private final OpenPort server = new OpenPort(UnaryOperator.identity());

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void grpcIsServedWithPriorKnowledge() {
		HealthCheckResponse response = HealthGrpc.newBlockingStub(this.server.channel())
			.check(HealthCheckRequest.getDefaultInstance());
		assertThat(response.getStatus()).isEqualTo(ServingStatus.SERVING);
	}

	@Test
	void callsKnowWhereTheyComeFrom() throws Exception {
		ClientCalls.asyncBidiStreamingCall(this.server.channel().newCall(TestServices.WATCH, CallOptions.DEFAULT),
				TestServices.ignoring());
		assertThat(this.server.services.remotes.poll(10, TimeUnit.SECONDS)).isInstanceOf(InetSocketAddress.class);
	}

	@Test
	void versionIsServedOverHttp1() throws IOException {
		try (RawConnection client = this.server.connect()) {
			RawConnection.Answer answer = client.send(GET_VERSION).readAnswer();
			assertThat(answer.statusLine()).isEqualTo("HTTP/1.1 200 OK");
			assertThat(answer.header("Content-Type")).isEqualTo("application/json");
			assertThat(answer.body()).isEqualTo(VERSION);
		}
	}

	@Test
	void requestMayComeByteByByte() throws IOException {
		try (RawConnection client = this.server.connect()) {
			assertThat(client.sendByteByByte(GET_VERSION).readAnswer().body()).isEqualTo(VERSION);
		}
	}

	@Test
	void unknownMethodIsNamedAsGrpcGoDoes() {
		assertThat(callEcho(TestServices.NAME, "Nix"))
			.isEqualTo("UNIMPLEMENTED: unknown method Nix for service test.Service");
	}

	@Test
	void unknownServiceIsNamedAsGrpcGoDoes() {
		assertThat(callEcho("test.Nix", "Echo")).isEqualTo("UNIMPLEMENTED: unknown service test.Nix");
	}

	private String callEcho(String service, String method) {
		ManagedChannel channel = this.server.channel();
		var descriptor = TestServices.ECHO.toBuilder().setFullMethodName(service + '/' + method).build();
		try {
			ClientCalls.blockingUnaryCall(channel, descriptor, CallOptions.DEFAULT, new byte[0]);
			return "OK";
		}
		catch (StatusRuntimeException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	@Test
	void bindFailureNamesAddressAndReason() {
		InetSocketAddress taken = (InetSocketAddress) this.server.port.addresses().get(0);
		try (KvPort second = new KvPort(PortOptions.builder().addresses(List.of(taken)).build(), List.of(),
				new HttpRoutes(List.of()), List.of())) {
			assertThatExceptionOfType(PortException.class).isThrownBy(second::start)
				.withMessageContaining("127.0.0.1:" + taken.getPort())
				.withMessageContaining("Address already in use");
		}
	}

}
