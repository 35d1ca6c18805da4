package dev.kvserver.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.compact.CompactionPolicy;
import dev.kvserver.server.http.HttpEndpoints;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.port.PortOptions;
import org.jspecify.annotations.Nullable;

/**
 * Everything a {@link KvServer} can be told, with etcd's defaults where etcd has one.
 * Immutable.
 *
 * @param name the member name
 * @param version the etcd version to report, as {@code major.minor.patch}
 * @param port where and how to listen; its request size limit holds for embedded use, too
 * @param advertisedUrls the client URLs told to clients; empty for those listened on
 * @param dataDirectory where the data is kept, or {@code null} to keep it in memory
 * @param walDirectory where the log is kept, or {@code null} for below
 * {@code dataDirectory}
 * @param restoreFrom a snapshot or database file of etcd to take the data from, into a
 * {@code dataDirectory} that is empty; {@code null} for none
 * @param httpGateway whether the JSON gateway is served
 * @param endpoints which other paths are served over HTTP
 * @param maxTxnOps the most operations in a txn
 * @param valueCacheBytes bytes of values kept in memory at their keys, or -1 for a
 * quarter of the largest heap
 * @param blockCacheBytes bytes of the storage's block cache
 * @param quotaBytes the space the store may take; 0 for etcd's 2 GiB, negative for any
 * @param watchProgressNotifyInterval how often an idle watcher is told the revision
 * @param compactionBatchLimit the most revisions that a compaction removes in one turn
 * @param compactionPolicy how much history is kept without anybody asking
 * @param shutdownGrace how long a drain waits for unary calls
 * @param auth how callers are known once auth is enabled
 * @param clock the source of time
 */
public record KvServerOptions(String name, String version, PortOptions port, List<String> advertisedUrls,
		@Nullable Path dataDirectory, @Nullable Path walDirectory, @Nullable Path restoreFrom, boolean httpGateway,
		HttpEndpoints endpoints, int maxTxnOps, long valueCacheBytes, long blockCacheBytes, long quotaBytes,
		Duration watchProgressNotifyInterval, int compactionBatchLimit, CompactionPolicy compactionPolicy,
		Duration shutdownGrace, AuthOptions auth, Clock clock) {

	private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+");

	/**
	 * Checks every value.
	 */
	public KvServerOptions {
		require(!name.isEmpty(), "name", name, "not empty");
		require(VERSION.matcher(version).matches(), "version", version, "major.minor.patch");
		require(walDirectory == null || dataDirectory != null, "walDirectory", walDirectory,
				"only together with dataDirectory");
		require(restoreFrom == null || dataDirectory != null, "restoreFrom", restoreFrom,
				"only together with dataDirectory");
		require(maxTxnOps > 0, "maxTxnOps", maxTxnOps, "above 0");
		require(valueCacheBytes >= -1, "valueCacheBytes", valueCacheBytes, "-1 or more");
		require(blockCacheBytes >= 0, "blockCacheBytes", blockCacheBytes, "0 or more");
		require(!watchProgressNotifyInterval.isNegative() && !watchProgressNotifyInterval.isZero(),
				"watchProgressNotifyInterval", watchProgressNotifyInterval, "above 0");
		require(compactionBatchLimit > 0, "compactionBatchLimit", compactionBatchLimit, "above 0");
		require(!shutdownGrace.isNegative(), "shutdownGrace", shutdownGrace, "0 or more");
		advertisedUrls = List.copyOf(advertisedUrls);
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

	/** Collects options. Not thread-safe; {@link #build()} checks the values. */
	public static final class Builder {

		private String name = "default";

		private String version = "3.7.0";

		private PortOptions port = PortOptions.builder().build();

		private List<String> advertisedUrls = List.of();

		private @Nullable Path dataDirectory;

		private @Nullable Path walDirectory;

		private @Nullable Path restoreFrom;

		private boolean httpGateway = true;

		private HttpEndpoints endpoints = HttpEndpoints.DEFAULTS;

		private int maxTxnOps = 128;

		private long valueCacheBytes = -1;

		private long blockCacheBytes = 64L * 1024 * 1024;

		private long quotaBytes = SpaceQuota.BYTES_DEFAULT;

		private Duration watchProgressNotifyInterval = Duration.ofMinutes(10);

		private int compactionBatchLimit = 1_000;

		private CompactionPolicy compactionPolicy = new CompactionPolicy.None();

		private Duration shutdownGrace = Duration.ofSeconds(5);

		private AuthOptions auth = AuthOptions.DEFAULTS;

		private Clock clock = Clock.system();

		private Builder() {
		}

		/**
		 * See {@link KvServerOptions#name()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder name(String value) {
			this.name = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#version()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder version(String value) {
			this.version = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#port()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder port(PortOptions value) {
			this.port = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#advertisedUrls()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder advertisedUrls(List<String> value) {
			this.advertisedUrls = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#dataDirectory()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder dataDirectory(@Nullable Path value) {
			this.dataDirectory = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#walDirectory()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder walDirectory(@Nullable Path value) {
			this.walDirectory = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#restoreFrom()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder restoreFrom(@Nullable Path value) {
			this.restoreFrom = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#httpGateway()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder httpGateway(boolean value) {
			this.httpGateway = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#endpoints()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder endpoints(HttpEndpoints value) {
			this.endpoints = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#maxTxnOps()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder maxTxnOps(int value) {
			this.maxTxnOps = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#valueCacheBytes()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder valueCacheBytes(long value) {
			this.valueCacheBytes = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#quotaBytes()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder quotaBytes(long value) {
			this.quotaBytes = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#blockCacheBytes()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder blockCacheBytes(long value) {
			this.blockCacheBytes = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#watchProgressNotifyInterval()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder watchProgressNotifyInterval(Duration value) {
			this.watchProgressNotifyInterval = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#compactionBatchLimit()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder compactionBatchLimit(int value) {
			this.compactionBatchLimit = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#compactionPolicy()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder compactionPolicy(CompactionPolicy value) {
			this.compactionPolicy = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#shutdownGrace()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder shutdownGrace(Duration value) {
			this.shutdownGrace = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#auth()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder auth(AuthOptions value) {
			this.auth = value;
			return this;
		}

		/**
		 * See {@link KvServerOptions#clock()}.
		 * @param value the value
		 * @return this builder
		 */
		public Builder clock(Clock value) {
			this.clock = value;
			return this;
		}

		/**
		 * Makes the options.
		 * @return the options
		 * @throws IllegalArgumentException if a value is out of range, naming the option
		 */
		public KvServerOptions build() {
			return new KvServerOptions(this.name, this.version, this.port, this.advertisedUrls, this.dataDirectory,
					this.walDirectory, this.restoreFrom, this.httpGateway, this.endpoints, this.maxTxnOps,
					this.valueCacheBytes, this.blockCacheBytes, this.quotaBytes, this.watchProgressNotifyInterval,
					this.compactionBatchLimit, this.compactionPolicy, this.shutdownGrace, this.auth, this.clock);
		}

	}

}
