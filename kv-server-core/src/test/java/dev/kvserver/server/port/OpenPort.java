package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

import javax.net.ssl.SSLException;

import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.KVGrpc.KVImplBase;
import dev.kvserver.proto.etcdserverpb.WatchGrpc.WatchImplBase;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.metrics.HealthMetrics;
import dev.kvserver.server.http.HealthCheck;
import dev.kvserver.server.http.HealthRoute;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import dev.kvserver.server.http.HttpRoute;
import dev.kvserver.server.http.HttpRoutes;
import dev.kvserver.server.http.VersionRoute;
import dev.kvserver.server.http.VersionRoute.Versions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

/**
 * An open port on loopback with the health service, {@link TestServices} and a few HTTP
 * routes, and the channels to it that must be closed with it.
 */
final class OpenPort implements AutoCloseable {

	/** Held, because the JDK forgets the level of a logger that nobody holds. */
	private static final Logger grpcLogger = Logger.getLogger("io.grpc");

	static {
		// gRPC logs a stack trace for most of what the tests of the port do to it.
		grpcLogger.setLevel(Level.OFF);
	}

	final TestServices services = new TestServices();

	final GrpcHealth health = new GrpcHealth();

	/** What {@code GET /later} answers once it is completed. */
	final CompletableFuture<HttpAnswer> later = new CompletableFuture<>();

	/** How often {@code GET /later} was asked. */
	final AtomicInteger laterAsked = new AtomicInteger();

	final KvPort port;

	private final List<ManagedChannel> channels = new ArrayList<>();

	OpenPort(UnaryOperator<PortOptions.Builder> options) {
		PortOptions.Builder builder = PortOptions.builder().addresses(List.of(loopback()));
		this.port = new KvPort(options.apply(builder).build(),
				List.of(this.health.bindService(), this.services.definition(), new KVImplBase() {
				}.bindService(), new SilentWatch().bindService()), routes(), List.of());
		this.port.start();
	}

	static InetSocketAddress loopback() {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
	}

	RawConnection connect() throws IOException {
		return new RawConnection(this.port.port());
	}

	ManagedChannel channel() {
		return channel(UnaryOperator.identity());
	}

	/** A channel over TLS. */
	ManagedChannel channel(TlsClient client) throws SSLException {
		ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", this.port.port())
			.sslContext(client.grpc())
			.build();
		this.channels.add(channel);
		return channel;
	}

	ManagedChannel channel(UnaryOperator<NettyChannelBuilder> options) {
		NettyChannelBuilder builder = NettyChannelBuilder.forAddress(this.port.addresses().get(0)).usePlaintext();
		ManagedChannel channel = options.apply(builder).build();
		this.channels.add(channel);
		return channel;
	}

	private HttpRoutes routes() {
		return new HttpRoutes(List.of(VersionRoute.of(() -> new Versions("3.7.0", "3.7.0", "3.7.0")),
				HealthRoute.of(new Healthy(), new HealthMetrics()), HttpRoute.get("/later", this::later),
				new HttpRoute("POST", "/length", 1024 * 1024, (query) -> CompletableFuture
					.completedFuture(HttpAnswer.text(200, Integer.toString(query.body().size()))))));
	}

	private CompletionStage<HttpAnswer> later(HttpQuery query) {
		this.laterAsked.incrementAndGet();
		return this.later;
	}

	@Override
	public void close() {
		this.channels.forEach(ManagedChannel::shutdownNow);
		this.channels.forEach(OpenPort::await);
		this.port.close();
	}

	private static void await(ManagedChannel channel) {
		try {
			channel.awaitTermination(10, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Takes every request and answers none.
	 */
	private static final class SilentWatch extends WatchImplBase {

		@Override
		public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> responses) {
			return TestServices.ignoring();
		}

	}

	private static final class Healthy implements HealthCheck {

		@Override
		public List<AlarmType> alarms() {
			return List.of();
		}

		@Override
		public boolean hasLeader() {
			return true;
		}

		@Override
		public CompletionStage<String> readError(boolean serializable) {
			return CompletableFuture.completedFuture("");
		}

	}

}
