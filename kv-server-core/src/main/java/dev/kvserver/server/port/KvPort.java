package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import dev.kvserver.server.http.HttpOptions;
import dev.kvserver.server.http.HttpRoutes;
import dev.kvserver.server.metrics.CallMetrics;
import dev.kvserver.server.rpc.BatchAllocator;
import dev.kvserver.server.tls.TlsOptions;
import io.grpc.Attributes;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.internal.PlatformDependent;
import org.jspecify.annotations.Nullable;

/**
 * One listening port that speaks gRPC and HTTP/1, on one or more addresses.
 * <p>
 * To stop without losing a call: {@link #shutdown()}, end the streams that never end by
 * themselves, {@link #awaitDrained(Duration)}, {@link #close()}. Closing alone is safe,
 * too, but cuts every call off. Any thread may call any method, except the port's own
 * threads, on which handlers run: they would wait for themselves.
 */
public final class KvPort implements AutoCloseable {

	/**
	 * The common name in the verified certificate of a call's client, empty if the
	 * certificate has none; not set without a certificate.
	 */
	public static final Attributes.Key<String> COMMON_NAME = Attributes.Key
		.create("dev.kvserver.server.port.KvPort.COMMON_NAME");

	/** What the limit on resets is counted over. */
	private static final int RST_WINDOW_SECONDS = 30;

	/** How long a forced close waits for gRPC to tell its calls. */
	private static final int CLOSE_WAIT_MILLIS = 500;

	/** One for all ports of the JVM, since its memory is never given back. */
	private static final BatchAllocator ALLOCATOR = new BatchAllocator();

	private final PortOptions options;

	private final List<ServerServiceDefinition> services;

	private final HttpRoutes routes;

	private final Object lock = new Object();

	/** Written under the lock, once by start and once by close. */
	private volatile @Nullable Running running;

	/** Guarded by the lock. */
	private boolean started;

	/**
	 * Makes the port without opening it.
	 * @param options where to listen and all limits
	 * @param services the gRPC services; calls to anything else are answered as unknown
	 * @param routes what is served over HTTP/1
	 * @param interceptors called in this order for every call of a known method
	 */
	public KvPort(PortOptions options, List<ServerServiceDefinition> services, HttpRoutes routes,
			List<ServerInterceptor> interceptors) {
		this(options, routes, guard(services, interceptors, new CallMetrics(false)));
	}

	/**
	 * Makes the port without opening it.
	 * @param options where to listen and all limits
	 * @param routes what is served over HTTP/1
	 * @param guarded the gRPC services, each made by {@link #guard}
	 * @throws IllegalArgumentException if two have the same name
	 */
	public KvPort(PortOptions options, HttpRoutes routes, List<ServerServiceDefinition> guarded) {
		this.options = options;
		this.services = List.copyOf(guarded);
		this.routes = routes;
		if (serviceNames().size() < guarded.size()) {
			throw new IllegalArgumentException("Two gRPC services of one name among "
					+ guarded.stream().map((service) -> service.getServiceDescriptor().getName()).toList());
		}
	}

	/**
	 * Makes services fit for a port.
	 * @param services the services
	 * @param interceptors called in this order for every call of a known method
	 * @param calls where calls are counted
	 * @return the services
	 */
	public static List<ServerServiceDefinition> guard(List<ServerServiceDefinition> services,
			List<? extends ServerInterceptor> interceptors, CallMetrics calls) {
		return services.stream()
			.map((service) -> CallGuard.guard(ServerInterceptors.interceptForward(service, List.copyOf(interceptors)),
					calls))
			.toList();
	}

	/**
	 * Opens the port. Blocks until it accepts connections.
	 * @throws PortException if it cannot; the message names the address and the reason
	 * @throws dev.kvserver.server.tls.TlsException if keys or certificates cannot be used
	 * @throws IllegalStateException if it was started before
	 */
	public void start() {
		synchronized (this.lock) {
			if (this.started) {
				throw new IllegalStateException("The port was started before");
			}
			this.started = true;
			PortTls tls = tls();
			EventLoops loops = new EventLoops(this.options.transport(), this.options.eventLoopThreads());
			HttpOptions httpOptions = new HttpOptions(this.options.maxMetadataBytes(), this.options.httpIdleTimeout(),
					this.options.httpAccess());
			Connections connections = new Connections(this.options.maxConnections(), this.routes, httpOptions,
					loops.acceptor().next(), new UnreadAnswers(maxUnreadBytes(), System::nanoTime));
			Sockets sockets = new Sockets();
			try {
				open(sockets, loops, connections, tls);
				this.running = new Running(sockets, loops, connections, tls);
			}
			catch (IOException | RuntimeException ex) {
				sockets.close();
				close(loops, tls);
				throw (ex instanceof IOException failure)
						? PortException.of(String.valueOf(failure.getMessage()), failure) : (RuntimeException) ex;
			}
		}
	}

	private void open(Sockets sockets, EventLoops loops, Connections connections, @Nullable PortTls tls)
			throws IOException {
		if (!this.options.addresses().isEmpty()) {
			NettyServerBuilder builder = serverBuilder(this.options.addresses().get(0), connections, loops, tls);
			builder.channelType(loops.channelType());
			this.options.addresses().stream().skip(1).forEach(builder::addListenAddress);
			setSocketOptions(builder, loops);
			sockets.startGrpc(builder.build(), this.options.addresses());
		}
		for (Path file : this.options.unixSockets()) {
			UnixSocket.prepare(file, loops);
			NettyServerBuilder builder = serverBuilder(new DomainSocketAddress(file.toFile()), connections, loops, tls);
			builder.channelType(loops.unixChannelType()).withChildOption(ChannelOption.ALLOCATOR, ALLOCATOR);
			sockets.startGrpc(builder.build(), List.of());
		}
		HttpListener http = new HttpListener(loops, connections, this.options, tls);
		for (InetSocketAddress address : this.options.httpAddresses()) {
			sockets.addHttp(http.open(address, this.routes));
		}
		HttpRoutes metrics = this.routes.forMetrics();
		for (InetSocketAddress address : this.options.metricsAddresses()) {
			sockets.addMetrics(http.open(address, metrics));
		}
	}

	private @Nullable PortTls tls() {
		TlsOptions wanted = this.options.tls();
		return (wanted != null) ? new PortTls(wanted, this.options.handshakeTimeout().toNanos()) : null;
	}

	private static void close(EventLoops loops, @Nullable PortTls tls) {
		loops.close();
		if (tls != null) {
			tls.close();
		}
	}

	/**
	 * Loads keys and certificates again. Connections that are open keep what they began
	 * with. Does nothing if the port is not open or speaks no TLS. Blocks.
	 * @throws dev.kvserver.server.tls.TlsException if they cannot be used; those in use
	 * stay
	 */
	public void reloadTls() {
		Running current = this.running;
		PortTls tls = (current != null) ? current.tls() : null;
		if (tls != null) {
			tls.reload();
		}
	}

	/**
	 * Where the port listens.
	 * @return the addresses in the order of the options, with real port numbers
	 * @throws IllegalStateException if the port is not open
	 */
	public List<SocketAddress> addresses() {
		return running().sockets().addresses();
	}

	/**
	 * Where the port serves HTTP/1 only.
	 * @return the addresses in the order of the options, with real port numbers
	 * @throws IllegalStateException if the port is not open
	 */
	public List<SocketAddress> httpAddresses() {
		return running().sockets().httpAddresses();
	}

	/**
	 * Where the port serves metrics and health only.
	 * @return the addresses in the order of the options, with real port numbers
	 * @throws IllegalStateException if the port is not open
	 */
	public List<SocketAddress> metricsAddresses() {
		return running().sockets().metricsAddresses();
	}

	/**
	 * The port number of the first address.
	 * @return from 1 to 65,535
	 * @throws IllegalStateException if the port is not open
	 */
	public int port() {
		return ((InetSocketAddress) addresses().get(0)).getPort();
	}

	/**
	 * How many connections are open, whatever they speak.
	 * @return the number, 0 if the port is not open
	 */
	public int openConnections() {
		Running current = this.running;
		return (current != null) ? current.connections().open() : 0;
	}

	/**
	 * Stops listening and tells every peer that it should go elsewhere. Calls and
	 * requests under way continue. Does nothing if the port is not open.
	 */
	public void shutdown() {
		Running current = this.running;
		if (current != null) {
			current.sockets().shutdown();
			current.connections().drain();
		}
	}

	/**
	 * Waits after {@link #shutdown()} until every connection is gone, which needs the
	 * peers: each must acknowledge, and end its calls.
	 * @param timeout how long to wait at most
	 * @return {@code false} if some are still open
	 * @throws InterruptedException if interrupted
	 */
	public boolean awaitDrained(Duration timeout) throws InterruptedException {
		Running current = this.running;
		if (current == null) {
			return true;
		}
		long deadline = System.nanoTime() + timeout.toNanos();
		boolean grpcIsGone = current.sockets().awaitTermination(timeout.toNanos());
		long left = Math.max(0, deadline - System.nanoTime());
		return current.connections().awaitHttpClosed(left) && grpcIsGone;
	}

	/**
	 * Closes whatever is open, calls included, and waits until no connection and no
	 * thread of the port is left. Does nothing if the port is not open.
	 */
	@Override
	public void close() {
		synchronized (this.lock) {
			this.started = true;
			Running current = this.running;
			if (current == null) {
				return;
			}
			this.running = null;
			current.sockets().close();
			current.connections().close();
			awaitTermination(current.sockets());
			close(current.loops(), current.tls());
		}
	}

	/**
	 * A peer that reads nothing keeps gRPC's farewell from being written; it loses its
	 * connection with the event loops.
	 */
	private static void awaitTermination(Sockets sockets) {
		try {
			sockets.awaitTermination(TimeUnit.MILLISECONDS.toNanos(CLOSE_WAIT_MILLIS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Running running() {
		Running current = this.running;
		if (current == null) {
			throw new IllegalStateException("The port is not open");
		}
		return current;
	}

	/** Answers are kept outside of the heap; the rest of it is for requests. */
	private long maxUnreadBytes() {
		long configured = this.options.maxUnreadAnswerBytes();
		long direct = PlatformDependent.maxDirectMemory();
		long memory = (direct > 0) ? direct : Runtime.getRuntime().maxMemory();
		return (configured > 0) ? configured : memory / 4;
	}

	private NettyServerBuilder serverBuilder(SocketAddress address, Connections connections, EventLoops loops,
			@Nullable PortTls tls) {
		PortOptions set = this.options;
		// TLS has a limit of its own, which must be the first to be reached.
		int handshakes = (tls != null) ? 2 : 1;
		NettyServerBuilder builder = NettyServerBuilder
			.forAddress(address, ConnectionRouter.credentials(connections, set, tls))
			.bossEventLoopGroup(loops.acceptor())
			.workerEventLoopGroup(loops.workers())
			.directExecutor()
			.decompressorRegistry(GzipMessages.registry())
			.addServices(this.services)
			.fallbackHandlerRegistry(new UnknownMethods(serviceNames()))
			.maxInboundMessageSize(set.maxMessageBytes())
			.maxInboundMetadataSize(set.maxMetadataBytes())
			.flowControlWindow(set.flowControlWindowBytes())
			.permitKeepAliveTime(set.keepAliveMinTime().toNanos(), TimeUnit.NANOSECONDS)
			.permitKeepAliveWithoutCalls(set.keepAliveWithoutStream())
			.keepAliveTimeout(set.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
			.handshakeTimeout(set.handshakeTimeout().toNanos() * handshakes, TimeUnit.NANOSECONDS);
		setOptionalLimits(builder);
		return builder;
	}

	private void setOptionalLimits(NettyServerBuilder builder) {
		if (!this.options.keepAliveInterval().isZero()) {
			builder.keepAliveTime(this.options.keepAliveInterval().toNanos(), TimeUnit.NANOSECONDS);
		}
		if (this.options.maxConcurrentStreams() > 0) {
			builder.maxConcurrentCallsPerConnection(this.options.maxConcurrentStreams());
		}
		if (this.options.maxRstFramesPerWindow() > 0) {
			builder.maxRstFramesPerWindow(this.options.maxRstFramesPerWindow(), RST_WINDOW_SECONDS);
		}
	}

	/**
	 * The user timeout is what grpc-go sets with its keepalive: a peer that vanished with
	 * our bytes unacknowledged is noticed as soon as one that vanished in silence.
	 */
	private void setSocketOptions(NettyServerBuilder builder, EventLoops loops) {
		builder.withOption(ChannelOption.SO_REUSEADDR, this.options.reuseAddress());
		if (this.options.reusePort()) {
			builder.withOption(loops.reusePort(), true);
		}
		builder.withChildOption(ChannelOption.TCP_NODELAY, true);
		builder.withChildOption(ChannelOption.SO_KEEPALIVE, true);
		builder.withChildOption(ChannelOption.ALLOCATOR, ALLOCATOR);
		if (loops.isEpoll()) {
			long millis = Math.min(this.options.keepAliveTimeout().toMillis(), Integer.MAX_VALUE);
			builder.withChildOption(EpollChannelOption.TCP_USER_TIMEOUT, (int) millis);
		}
	}

	private Set<String> serviceNames() {
		return this.services.stream()
			.map((service) -> service.getServiceDescriptor().getName())
			.collect(Collectors.toSet());
	}

	/**
	 * What exists while the port is open.
	 */
	private record Running(Sockets sockets, EventLoops loops, Connections connections, @Nullable PortTls tls) {
	}

}
