package dev.kvserver.server;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import dev.kvserver.server.loop.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Everything a {@link KvServer} can be told, with etcd's defaults where etcd has one.
 * Immutable.
 *
 * @param name the member name
 * @param version the etcd version to report, as {@code major.minor.patch}
 * @param addresses where to listen, at least one; port 0 picks a free port
 * @param advertisedUrls the client URLs told to clients; empty for those of
 * {@code addresses}
 * @param dataDirectory where the data is kept, or {@code null} to keep it in memory
 * @param walDirectory where the log is kept, or {@code null} for below
 * {@code dataDirectory}
 * @param maxRequestBytes the largest request, in bytes
 * @param maxTxnOps the most operations in a txn
 * @param maxMetadataBytes the most bytes of metadata with a call
 * @param maxConcurrentStreams the most calls under way on a connection
 * @param keepalive how clients may ping, and how the server does
 * @param handshakeTimeout how long a new connection may stay silent
 * @param httpIdleTimeout how long an HTTP/1 connection may stay idle
 * @param transport the network transport
 * @param eventLoopThreads threads for the network, 0 for one per core
 * @param valueCacheBytes bytes of values kept in memory at their keys; -1 for a quarter
 * of the largest heap
 * @param blockCacheBytes bytes of the storage's block cache
 * @param watchProgressNotifyInterval how often an idle watcher is told the revision
 * @param compactionBatchLimit keys a compaction looks at in one turn
 * @param shutdownGrace how long a drain waits for unary calls
 * @param clock the source of time
 */
public record KvServerOptions(String name, String version, List<InetSocketAddress> addresses,
		List<String> advertisedUrls, @Nullable Path dataDirectory, @Nullable Path walDirectory, int maxRequestBytes,
		int maxTxnOps, int maxMetadataBytes, long maxConcurrentStreams, Keepalive keepalive, Duration handshakeTimeout,
		Duration httpIdleTimeout, Transport transport, int eventLoopThreads, long valueCacheBytes, long blockCacheBytes,
		Duration watchProgressNotifyInterval, int compactionBatchLimit, Duration shutdownGrace, Clock clock) {

	private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+");

	/**
	 * Checks every value.
	 */
	public KvServerOptions {
		require(!name.isEmpty(), "name", name, "not empty");
		require(VERSION.matcher(version).matches(), "version", version, "major.minor.patch");
		require(!addresses.isEmpty(), "addresses", addresses, "at least one");
		require(maxRequestBytes > 0 && maxRequestBytes <= 1 << 30, "maxRequestBytes", maxRequestBytes,
				"1 byte to 1 GiB");
		require(maxTxnOps > 0, "maxTxnOps", maxTxnOps, "above 0");
		require(maxMetadataBytes > 0, "maxMetadataBytes", maxMetadataBytes, "above 0");
		require(maxConcurrentStreams > 0, "maxConcurrentStreams", maxConcurrentStreams, "above 0");
		require(isPositive(handshakeTimeout), "handshakeTimeout", handshakeTimeout, "above 0");
		require(isPositive(httpIdleTimeout), "httpIdleTimeout", httpIdleTimeout, "above 0");
		require(eventLoopThreads >= 0, "eventLoopThreads", eventLoopThreads, "0 or more");
		require(valueCacheBytes >= -1, "valueCacheBytes", valueCacheBytes, "-1 or more");
		require(blockCacheBytes >= 0, "blockCacheBytes", blockCacheBytes, "0 or more");
		require(isPositive(watchProgressNotifyInterval), "watchProgressNotifyInterval", watchProgressNotifyInterval,
				"above 0");
		require(compactionBatchLimit > 0, "compactionBatchLimit", compactionBatchLimit, "above 0");
		require(!shutdownGrace.isNegative(), "shutdownGrace", shutdownGrace, "0 or more");
		require(walDirectory == null || dataDirectory != null, "walDirectory", walDirectory,
				"only together with dataDirectory");
		addresses = List.copyOf(addresses);
		advertisedUrls = List.copyOf(advertisedUrls);
	}

	private static boolean isPositive(Duration duration) {
		return !duration.isNegative() && !duration.isZero();
	}

	private static void require(boolean valid, String option, @Nullable Object value, String expected) {
		if (!valid) {
			throw new IllegalArgumentException(option + ": " + value + " (expected: " + expected + ")");
		}
	}

	/**
	 * Options with etcd's defaults, to be changed.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/** The network transport. */
	public enum Transport {

		/** epoll where it is available, else NIO. */
		AUTO,
		/** The JDK's selector. */
		NIO,
		/** Linux epoll. */
		EPOLL

	}

	/**
	 * Keepalive of connections.
	 *
	 * @param minTime the shortest interval at which a client may ping; faster ones are
	 * sent away with {@code too_many_pings}
	 * @param permitWithoutStream whether a client may ping without a call under way
	 * @param interval how often the server pings, 0 for never
	 * @param timeout how long it waits for the answer, 0 for never
	 */
	public record Keepalive(Duration minTime, boolean permitWithoutStream, Duration interval, Duration timeout) {

		/**
		 * Checks every value.
		 */
		public Keepalive {
			require(!minTime.isNegative(), "keepalive.minTime", minTime, "0 or more");
			require(!interval.isNegative(), "keepalive.interval", interval, "0 or more");
			require(!timeout.isNegative(), "keepalive.timeout", timeout, "0 or more");
		}

	}

	/** Collects options. Not thread-safe. */
	public static final class Builder {

		private final List<InetSocketAddress> addresses = new ArrayList<>();

		private String name = "default";

		private String version = "3.7.0";

		private List<String> advertisedUrls = List.of();

		private @Nullable Path dataDirectory;

		private @Nullable Path walDirectory;

		private int maxRequestBytes = 1_572_864;

		private int maxTxnOps = 128;

		private int maxMetadataBytes = 65_536;

		private long maxConcurrentStreams = 4_294_967_295L;

		private Keepalive keepalive = new Keepalive(Duration.ofSeconds(5), false, Duration.ofHours(2),
				Duration.ofSeconds(20));

		private Duration handshakeTimeout = Duration.ofSeconds(10);

		private Duration httpIdleTimeout = Duration.ofMinutes(5);

		private Transport transport = Transport.AUTO;

		private int eventLoopThreads = 0;

		private long valueCacheBytes = -1;

		private long blockCacheBytes = 64L * 1024 * 1024;

		private Duration watchProgressNotifyInterval = Duration.ofMinutes(10);

		private int compactionBatchLimit = 1_000;

		private Duration shutdownGrace = Duration.ofSeconds(5);

		private Clock clock = Clock.system();

		private Builder() {
		}

		/**
		 * Adds an address to listen on; without any it is {@code localhost:2379}.
		 * @param address the address; port 0 picks a free port
		 * @return this builder
		 */
		public Builder address(InetSocketAddress address) {
			this.addresses.add(address);
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#name()}.
		 * @param name the value
		 * @return this builder
		 */
		public Builder name(String name) {
			this.name = name;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#version()}.
		 * @param version the value
		 * @return this builder
		 */
		public Builder version(String version) {
			this.version = version;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#advertisedUrls()}.
		 * @param advertisedUrls the value
		 * @return this builder
		 */
		public Builder advertisedUrls(List<String> advertisedUrls) {
			this.advertisedUrls = advertisedUrls;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#dataDirectory()}.
		 * @param dataDirectory the value
		 * @return this builder
		 */
		public Builder dataDirectory(@Nullable Path dataDirectory) {
			this.dataDirectory = dataDirectory;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#walDirectory()}.
		 * @param walDirectory the value
		 * @return this builder
		 */
		public Builder walDirectory(@Nullable Path walDirectory) {
			this.walDirectory = walDirectory;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#maxRequestBytes()}.
		 * @param maxRequestBytes the value
		 * @return this builder
		 */
		public Builder maxRequestBytes(int maxRequestBytes) {
			this.maxRequestBytes = maxRequestBytes;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#maxTxnOps()}.
		 * @param maxTxnOps the value
		 * @return this builder
		 */
		public Builder maxTxnOps(int maxTxnOps) {
			this.maxTxnOps = maxTxnOps;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#maxMetadataBytes()}.
		 * @param maxMetadataBytes the value
		 * @return this builder
		 */
		public Builder maxMetadataBytes(int maxMetadataBytes) {
			this.maxMetadataBytes = maxMetadataBytes;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#maxConcurrentStreams()}.
		 * @param maxConcurrentStreams the value
		 * @return this builder
		 */
		public Builder maxConcurrentStreams(long maxConcurrentStreams) {
			this.maxConcurrentStreams = maxConcurrentStreams;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#keepalive()}.
		 * @param keepalive the value
		 * @return this builder
		 */
		public Builder keepalive(Keepalive keepalive) {
			this.keepalive = keepalive;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#handshakeTimeout()}.
		 * @param handshakeTimeout the value
		 * @return this builder
		 */
		public Builder handshakeTimeout(Duration handshakeTimeout) {
			this.handshakeTimeout = handshakeTimeout;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#httpIdleTimeout()}.
		 * @param httpIdleTimeout the value
		 * @return this builder
		 */
		public Builder httpIdleTimeout(Duration httpIdleTimeout) {
			this.httpIdleTimeout = httpIdleTimeout;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#transport()}.
		 * @param transport the value
		 * @return this builder
		 */
		public Builder transport(Transport transport) {
			this.transport = transport;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#eventLoopThreads()}.
		 * @param eventLoopThreads the value
		 * @return this builder
		 */
		public Builder eventLoopThreads(int eventLoopThreads) {
			this.eventLoopThreads = eventLoopThreads;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#valueCacheBytes()}.
		 * @param valueCacheBytes the value
		 * @return this builder
		 */
		public Builder valueCacheBytes(long valueCacheBytes) {
			this.valueCacheBytes = valueCacheBytes;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#blockCacheBytes()}.
		 * @param blockCacheBytes the value
		 * @return this builder
		 */
		public Builder blockCacheBytes(long blockCacheBytes) {
			this.blockCacheBytes = blockCacheBytes;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#watchProgressNotifyInterval()}.
		 * @param watchProgressNotifyInterval the value
		 * @return this builder
		 */
		public Builder watchProgressNotifyInterval(Duration watchProgressNotifyInterval) {
			this.watchProgressNotifyInterval = watchProgressNotifyInterval;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#compactionBatchLimit()}.
		 * @param compactionBatchLimit the value
		 * @return this builder
		 */
		public Builder compactionBatchLimit(int compactionBatchLimit) {
			this.compactionBatchLimit = compactionBatchLimit;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#shutdownGrace()}.
		 * @param shutdownGrace the value
		 * @return this builder
		 */
		public Builder shutdownGrace(Duration shutdownGrace) {
			this.shutdownGrace = shutdownGrace;
			return this;
		}

		/**
		 * Sets {@link KvServerOptions#clock()}.
		 * @param clock the value
		 * @return this builder
		 */
		public Builder clock(Clock clock) {
			this.clock = clock;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if a value is out of range, naming the option
		 */
		public KvServerOptions build() {
			List<InetSocketAddress> listen = this.addresses.isEmpty()
					? List.of(new InetSocketAddress("localhost", 2379)) : this.addresses;
			return new KvServerOptions(this.name, this.version, listen, this.advertisedUrls, this.dataDirectory,
					this.walDirectory, this.maxRequestBytes, this.maxTxnOps, this.maxMetadataBytes,
					this.maxConcurrentStreams, this.keepalive, this.handshakeTimeout, this.httpIdleTimeout,
					this.transport, this.eventLoopThreads, this.valueCacheBytes, this.blockCacheBytes,
					this.watchProgressNotifyInterval, this.compactionBatchLimit, this.shutdownGrace, this.clock);
		}

	}

}
