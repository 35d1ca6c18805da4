package dev.kvserver.server.port;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.kvserver.server.http.HttpAccess;
import dev.kvserver.server.tls.TlsOptions;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set about the port. Defaults are etcd's where etcd has one
 * (etcd-contract section 2.1); the others bound what a single peer can cost.
 *
 * @param addresses where to listen; port 0 picks a free one
 * @param unixSockets files of unix sockets to listen on as well, for which epoll is
 * needed. A file that nobody listens on is replaced, and is deleted in the end
 * @param httpAddresses where to serve HTTP/1 only; then the others serve gRPC only. None
 * by default
 * @param metricsAddresses where to serve metrics and health over HTTP/1, and nothing
 * else. None by default
 * @param reusePort whether other processes may listen on the same addresses
 * ({@code SO_REUSEPORT}). Default {@code false}
 * @param reuseAddress whether addresses may be listened on that connections of before are
 * still fading from ({@code SO_REUSEADDR}). Default {@code true}, as with etcd whatever
 * it is told
 * @param maxRequestBytes the largest request, in bytes; a message may be
 * {@link #MESSAGE_OVERHEAD_BYTES} larger. Default 1.5 MiB
 * @param maxMetadataBytes the largest request metadata or HTTP/1 head, in bytes. Default
 * 64 KiB
 * @param maxConcurrentStreams calls open at once on one connection; 0 is no limit, the
 * default
 * @param maxConnections connections open at once, the next one is closed at once; 0 is no
 * limit. Default 16,384
 * @param maxRstFramesPerWindow streams that may be reset on one connection within 30
 * seconds before it is closed; 0 is no limit. Default 10,000: clients whose deadlines all
 * expire during a stall reset that many, an attack resets that many in a blink
 * @param maxUnreadAnswerBytes how much all clients together may be answered and not have
 * read; then those that do not read get no further answers, and are closed if that goes
 * on. A single connection may hold half of it. 0 is a quarter of the memory that the JVM
 * may use outside of its heap, the default
 * @param flowControlWindowBytes how much a peer may send before we have read it, per
 * connection and per stream. Default 1 MiB
 * @param keepAliveMinTime pings more frequent than this close the connection. Default 5
 * seconds
 * @param keepAliveWithoutStream whether pings are welcome while no call is open. Default
 * {@code false}
 * @param keepAliveInterval how long a connection is silent before we ping it; 0 is never,
 * less than 10 seconds is taken as 10. Default 2 hours
 * @param keepAliveTimeout how long a peer may take to acknowledge. Default 20 seconds
 * @param handshakeTimeout how long a peer may take until its protocol is known and its
 * HTTP/2 settings are here; with TLS, for its handshake, and as long again for what comes
 * then. Default 10 seconds
 * @param httpIdleTimeout how long an HTTP/1 connection may take from one answer to the
 * end of the next request. Default 5 minutes
 * @param httpAccess who is answered over HTTP/1. Default everybody, as in etcd
 * @param transport how to talk to the kernel. Default {@link PortTransport#AUTO}
 * @param eventLoopThreads threads that serve connections; 0 is one per core, the default
 * @param reflection whether clients are told, by gRPC's reflection service, which
 * services there are. Default {@code false}, as in etcd
 * @param channelz whether clients are told, by gRPC's channelz service, about connections
 * and calls. Default {@code false}, as in etcd
 * @param tls how TLS is spoken, or {@code null} if it is not, the default
 */
public record PortOptions(List<InetSocketAddress> addresses, List<Path> unixSockets,
		List<InetSocketAddress> httpAddresses, List<InetSocketAddress> metricsAddresses, boolean reusePort,
		boolean reuseAddress, int maxRequestBytes, int maxMetadataBytes, int maxConcurrentStreams, int maxConnections,
		int maxRstFramesPerWindow, long maxUnreadAnswerBytes, int flowControlWindowBytes, Duration keepAliveMinTime,
		boolean keepAliveWithoutStream, Duration keepAliveInterval, Duration keepAliveTimeout,
		Duration handshakeTimeout, Duration httpIdleTimeout, HttpAccess httpAccess, PortTransport transport,
		int eventLoopThreads, boolean reflection, boolean channelz, @Nullable TlsOptions tls) {

	/** What a message may be larger than the request in it: 512 KiB, as in etcd. */
	public static final int MESSAGE_OVERHEAD_BYTES = 512 * 1024;

	/** HTTP/2 windows must hold more than their default of 64 KiB - 1, or a put waits. */
	private static final int MIN_WINDOW_BYTES = 65_535;

	/** What is counted in nanoseconds somewhere must not overflow. */
	private static final Duration MAX_DURATION = Duration.ofDays(36_500);

	/**
	 * Checks every value.
	 * @throws IllegalArgumentException naming the option and the value
	 */
	public PortOptions {
		addresses = List.copyOf(addresses);
		unixSockets = List.copyOf(unixSockets);
		httpAddresses = List.copyOf(httpAddresses);
		metricsAddresses = List.copyOf(metricsAddresses);
		require(!addresses.isEmpty() || !unixSockets.isEmpty(), "addresses", addresses);
		require(maxRequestBytes > 0 && maxRequestBytes <= Integer.MAX_VALUE - MESSAGE_OVERHEAD_BYTES, "maxRequestBytes",
				maxRequestBytes);
		require(maxMetadataBytes > 0, "maxMetadataBytes", maxMetadataBytes);
		require(maxConcurrentStreams >= 0, "maxConcurrentStreams", maxConcurrentStreams);
		require(maxConnections >= 0, "maxConnections", maxConnections);
		require(maxRstFramesPerWindow >= 0, "maxRstFramesPerWindow", maxRstFramesPerWindow);
		require(maxUnreadAnswerBytes >= 0, "maxUnreadAnswerBytes", maxUnreadAnswerBytes);
		require(flowControlWindowBytes >= MIN_WINDOW_BYTES, "flowControlWindowBytes", flowControlWindowBytes);
		requireNotNegative(keepAliveMinTime, "keepAliveMinTime");
		requireNotNegative(keepAliveInterval, "keepAliveInterval");
		requirePositive(keepAliveTimeout, "keepAliveTimeout");
		requirePositive(handshakeTimeout, "handshakeTimeout");
		requirePositive(httpIdleTimeout, "httpIdleTimeout");
		require(eventLoopThreads >= 0, "eventLoopThreads", eventLoopThreads);
	}

	/**
	 * The same options with other addresses.
	 * @param others the addresses
	 * @param othersHttp the addresses for HTTP only
	 * @param othersMetrics the addresses for metrics only
	 * @return the options
	 */
	public PortOptions withAddresses(List<InetSocketAddress> others, List<InetSocketAddress> othersHttp,
			List<InetSocketAddress> othersMetrics) {
		return new PortOptions(others, this.unixSockets, othersHttp, othersMetrics, this.reusePort, this.reuseAddress,
				this.maxRequestBytes, this.maxMetadataBytes, this.maxConcurrentStreams, this.maxConnections,
				this.maxRstFramesPerWindow, this.maxUnreadAnswerBytes, this.flowControlWindowBytes,
				this.keepAliveMinTime, this.keepAliveWithoutStream, this.keepAliveInterval, this.keepAliveTimeout,
				this.handshakeTimeout, this.httpIdleTimeout, this.httpAccess, this.transport, this.eventLoopThreads,
				this.reflection, this.channelz, this.tls);
	}

	/** Whether HTTP/1 is served where gRPC is. */
	boolean servesHttpBesideGrpc() {
		return this.httpAddresses.isEmpty();
	}

	/**
	 * Options with every default, listening on etcd's port of the loopback interface.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * The largest gRPC message that is read.
	 * @return bytes
	 */
	public int maxMessageBytes() {
		return this.maxRequestBytes + MESSAGE_OVERHEAD_BYTES;
	}

	private static void requirePositive(Duration value, String name) {
		require(!value.isZero(), name, value);
		requireNotNegative(value, name);
	}

	private static void requireNotNegative(Duration value, String name) {
		require(!value.isNegative() && value.compareTo(MAX_DURATION) <= 0, name, value);
	}

	private static void require(boolean condition, String name, Object value) {
		if (!condition) {
			throw new IllegalArgumentException("Option " + name + " cannot be " + value);
		}
	}

	/**
	 * Collects options. Not thread-safe; every setter returns this builder, and
	 * {@link #build()} checks the values.
	 */
	public static final class Builder {

		private List<InetSocketAddress> addresses = List.of(new InetSocketAddress("localhost", 2379));

		private List<Path> unixSockets = List.of();

		private List<InetSocketAddress> httpAddresses = List.of();

		private List<InetSocketAddress> metricsAddresses = List.of();

		private boolean reusePort;

		private boolean reuseAddress = true;

		private int maxRequestBytes = 1536 * 1024;

		private int maxMetadataBytes = 64 * 1024;

		private int maxConcurrentStreams;

		private int maxConnections = 16_384;

		private int maxRstFramesPerWindow = 10_000;

		private long maxUnreadAnswerBytes;

		private int flowControlWindowBytes = 1024 * 1024;

		private Duration keepAliveMinTime = Duration.ofSeconds(5);

		private boolean keepAliveWithoutStream;

		private Duration keepAliveInterval = Duration.ofHours(2);

		private Duration keepAliveTimeout = Duration.ofSeconds(20);

		private Duration handshakeTimeout = Duration.ofSeconds(10);

		private Duration httpIdleTimeout = Duration.ofMinutes(5);

		private HttpAccess httpAccess = HttpAccess.ANY;

		private PortTransport transport = PortTransport.AUTO;

		private int eventLoopThreads;

		private boolean reflection;

		private boolean channelz;

		private @Nullable TlsOptions tls;

		private Builder() {
		}

		/**
		 * See {@link PortOptions#addresses()}.
		 * @param value the addresses, replacing all earlier ones
		 * @return this builder
		 */
		public Builder addresses(List<InetSocketAddress> value) {
			this.addresses = value;
			return this;
		}

		/**
		 * See {@link PortOptions#unixSockets()}.
		 * @param value the files
		 * @return this builder
		 */
		public Builder unixSockets(List<Path> value) {
			this.unixSockets = value;
			return this;
		}

		/**
		 * See {@link PortOptions#httpAddresses()}.
		 * @param value the addresses
		 * @return this builder
		 */
		public Builder httpAddresses(List<InetSocketAddress> value) {
			this.httpAddresses = value;
			return this;
		}

		/**
		 * See {@link PortOptions#metricsAddresses()}.
		 * @param value the addresses
		 * @return this builder
		 */
		public Builder metricsAddresses(List<InetSocketAddress> value) {
			this.metricsAddresses = value;
			return this;
		}

		/**
		 * See {@link PortOptions#reusePort()}.
		 * @param value whether to share
		 * @return this builder
		 */
		public Builder reusePort(boolean value) {
			this.reusePort = value;
			return this;
		}

		/**
		 * See {@link PortOptions#reuseAddress()}.
		 * @param value whether not to wait
		 * @return this builder
		 */
		public Builder reuseAddress(boolean value) {
			this.reuseAddress = value;
			return this;
		}

		/**
		 * See {@link PortOptions#maxRequestBytes()}.
		 * @param value bytes
		 * @return this builder
		 */
		public Builder maxRequestBytes(int value) {
			this.maxRequestBytes = value;
			return this;
		}

		/**
		 * See {@link PortOptions#maxMetadataBytes()}.
		 * @param value bytes
		 * @return this builder
		 */
		public Builder maxMetadataBytes(int value) {
			this.maxMetadataBytes = value;
			return this;
		}

		/**
		 * See {@link PortOptions#maxConcurrentStreams()}.
		 * @param value number of streams, 0 for no limit
		 * @return this builder
		 */
		public Builder maxConcurrentStreams(int value) {
			this.maxConcurrentStreams = value;
			return this;
		}

		/**
		 * See {@link PortOptions#maxConnections()}.
		 * @param value number of connections, 0 for no limit
		 * @return this builder
		 */
		public Builder maxConnections(int value) {
			this.maxConnections = value;
			return this;
		}

		/**
		 * See {@link PortOptions#maxUnreadAnswerBytes()}.
		 * @param value number of bytes, 0 for the default
		 * @return this builder
		 */
		public Builder maxUnreadAnswerBytes(long value) {
			this.maxUnreadAnswerBytes = value;
			return this;
		}

		/**
		 * See {@link PortOptions#maxRstFramesPerWindow()}.
		 * @param value number of resets, 0 for no limit
		 * @return this builder
		 */
		public Builder maxRstFramesPerWindow(int value) {
			this.maxRstFramesPerWindow = value;
			return this;
		}

		/**
		 * See {@link PortOptions#flowControlWindowBytes()}.
		 * @param value bytes, at least 65,535
		 * @return this builder
		 */
		public Builder flowControlWindowBytes(int value) {
			this.flowControlWindowBytes = value;
			return this;
		}

		/**
		 * See {@link PortOptions#keepAliveMinTime()}.
		 * @param value the shortest interval, zero for any
		 * @return this builder
		 */
		public Builder keepAliveMinTime(Duration value) {
			this.keepAliveMinTime = value;
			return this;
		}

		/**
		 * See {@link PortOptions#keepAliveWithoutStream()}.
		 * @param value whether idle connections may ping
		 * @return this builder
		 */
		public Builder keepAliveWithoutStream(boolean value) {
			this.keepAliveWithoutStream = value;
			return this;
		}

		/**
		 * See {@link PortOptions#keepAliveInterval()}.
		 * @param value the interval
		 * @return this builder
		 */
		public Builder keepAliveInterval(Duration value) {
			this.keepAliveInterval = value;
			return this;
		}

		/**
		 * See {@link PortOptions#keepAliveTimeout()}.
		 * @param value the timeout
		 * @return this builder
		 */
		public Builder keepAliveTimeout(Duration value) {
			this.keepAliveTimeout = value;
			return this;
		}

		/**
		 * See {@link PortOptions#handshakeTimeout()}.
		 * @param value the timeout
		 * @return this builder
		 */
		public Builder handshakeTimeout(Duration value) {
			this.handshakeTimeout = value;
			return this;
		}

		/**
		 * See {@link PortOptions#httpIdleTimeout()}.
		 * @param value the timeout
		 * @return this builder
		 */
		public Builder httpIdleTimeout(Duration value) {
			this.httpIdleTimeout = value;
			return this;
		}

		/**
		 * See {@link PortOptions#httpAccess()}.
		 * @param value the rules
		 * @return this builder
		 */
		public Builder httpAccess(HttpAccess value) {
			this.httpAccess = value;
			return this;
		}

		/**
		 * See {@link PortOptions#transport()}.
		 * @param value the transport
		 * @return this builder
		 */
		public Builder transport(PortTransport value) {
			this.transport = value;
			return this;
		}

		/**
		 * See {@link PortOptions#eventLoopThreads()}.
		 * @param value number of threads, 0 for one per core
		 * @return this builder
		 */
		public Builder eventLoopThreads(int value) {
			this.eventLoopThreads = value;
			return this;
		}

		/**
		 * See {@link PortOptions#reflection()}.
		 * @param value whether to serve it
		 * @return this builder
		 */
		public Builder reflection(boolean value) {
			this.reflection = value;
			return this;
		}

		/**
		 * See {@link PortOptions#channelz()}.
		 * @param value whether to serve it
		 * @return this builder
		 */
		public Builder channelz(boolean value) {
			this.channelz = value;
			return this;
		}

		/**
		 * See {@link PortOptions#tls()}.
		 * @param value how TLS is spoken, or {@code null}
		 * @return this builder
		 */
		public Builder tls(@Nullable TlsOptions value) {
			this.tls = value;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException naming the option and the value
		 */
		public PortOptions build() {
			return new PortOptions(this.addresses, this.unixSockets, this.httpAddresses, this.metricsAddresses,
					this.reusePort, this.reuseAddress, this.maxRequestBytes, this.maxMetadataBytes,
					this.maxConcurrentStreams, this.maxConnections, this.maxRstFramesPerWindow,
					this.maxUnreadAnswerBytes, this.flowControlWindowBytes, this.keepAliveMinTime,
					this.keepAliveWithoutStream, this.keepAliveInterval, this.keepAliveTimeout, this.handshakeTimeout,
					this.httpIdleTimeout, this.httpAccess, this.transport, this.eventLoopThreads, this.reflection,
					this.channelz, this.tls);
		}

	}

}
