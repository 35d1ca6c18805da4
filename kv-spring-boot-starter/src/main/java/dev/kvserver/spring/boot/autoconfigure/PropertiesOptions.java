package dev.kvserver.spring.boot.autoconfigure;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.compact.CompactionPolicy;
import dev.kvserver.server.http.HttpAccess;
import dev.kvserver.server.http.HttpEndpoints;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.spring.boot.autoconfigure.KvServerProperties.CompactionMode;
import dev.kvserver.spring.boot.autoconfigure.KvServerProperties.StoreType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.unit.DataSize;

/**
 * Carries the properties over to the server's options. What is allowed is for the options
 * to say, not repeated here. But their complaints do not know our property names, so the
 * options are built after every single property: what was fine before and is refused now
 * is to blame on the property just set.
 */
final class PropertiesOptions {

	private final KvServerProperties properties;

	private final KvServerOptions.Builder builder = KvServerOptions.builder();

	private final PortOptions.Builder port = PortOptions.builder();

	private final @Nullable SslBundles bundles;

	private PropertiesOptions(KvServerProperties properties, @Nullable SslBundles bundles) {
		this.properties = properties;
		this.bundles = bundles;
	}

	/**
	 * Options as the properties say.
	 * @param defaultName the name of the member when the properties have none
	 * @param bundles the application's SSL bundles, {@code null} if it has none
	 * @throws InvalidConfigurationPropertyValueException naming the first property whose
	 * value is refused
	 */
	static KvServerOptions.Builder builder(KvServerProperties properties, String defaultName,
			@Nullable SslBundles bundles) {
		PropertiesOptions options = new PropertiesOptions(properties, bundles);
		options.member(defaultName);
		options.listen();
		options.grpc();
		options.endpoints();
		options.keepalive();
		options.auth();
		options.store();
		options.background();
		options.tls();
		return options.builder;
	}

	private void member(String defaultName) {
		String name = this.properties.name();
		set("name", (name != null) ? name : defaultName, this.builder::name);
		set("version", this.properties.version(), this.builder::version);
	}

	private void listen() {
		KvServerProperties.Listen listen = this.properties.listen();
		List<String> texts = listen.addresses();
		List<InetSocketAddress> addresses = new ArrayList<>();
		List<Path> files = new ArrayList<>();
		for (int i = 0; i < texts.size(); i++) {
			set("listen.addresses[" + i + "]", texts.get(i), (text) -> {
				ListenUrl url = ListenUrl.parse(text, this.properties.tls());
				if (url.isFile()) {
					files.add(Path.of(url.rest()));
				}
				else {
					addresses.add(ListenAddress.parse(url.rest()));
				}
			});
		}
		set("listen.addresses", texts, (any) -> this.port.addresses(addresses).unixSockets(files));
		set("listen.http-addresses", addresses("listen.http-addresses", listen.httpAddresses()),
				this.port::httpAddresses);
		set("listen.metrics-addresses", addresses("listen.metrics-addresses", listen.metricsAddresses()),
				this.port::metricsAddresses);
		set("listen.reuse-port", listen.reusePort(), this.port::reusePort);
		set("listen.reuse-address", listen.reuseAddress(), this.port::reuseAddress);
		set("listen.max-connections", listen.maxConnections(), this.port::maxConnections);
		set("listen.advertise", listen.advertise(), this.builder::advertisedUrls);
	}

	private List<InetSocketAddress> addresses(String property, List<String> texts) {
		List<InetSocketAddress> parsed = new ArrayList<>();
		for (int i = 0; i < texts.size(); i++) {
			set(property + "[" + i + "]", texts.get(i), (text) -> {
				ListenUrl url = ListenUrl.parse(text, this.properties.tls());
				if (url.isFile()) {
					throw new IllegalArgumentException("Here no unix socket is possible");
				}
				parsed.add(ListenAddress.parse(url.rest()));
			});
		}
		return parsed;
	}

	private void grpc() {
		KvServerProperties.Grpc grpc = this.properties.grpc();
		set("grpc.max-request-size", grpc.maxRequestSize(), (size) -> this.port.maxRequestBytes(bytes(size)));
		set("grpc.max-metadata-size", grpc.maxMetadataSize(), (size) -> this.port.maxMetadataBytes(bytes(size)));
		set("grpc.max-concurrent-streams", grpc.maxConcurrentStreams(), this.port::maxConcurrentStreams);
		set("grpc.max-txn-ops", grpc.maxTxnOps(), this.builder::maxTxnOps);
		set("grpc.max-resets", grpc.maxResets(), this.port::maxRstFramesPerWindow);
		set("grpc.max-unread-answers", grpc.maxUnreadAnswers(),
				(size) -> this.port.maxUnreadAnswerBytes(size.toBytes()));
		set("grpc.handshake-timeout", grpc.handshakeTimeout(), this.port::handshakeTimeout);
		set("grpc.transport", grpc.transport(), this.port::transport);
		set("grpc.event-loop-threads", grpc.eventLoopThreads(), this.port::eventLoopThreads);
		set("grpc.reflection", grpc.reflection(), this.port::reflection);
		set("grpc.channelz", grpc.channelz(), this.port::channelz);
		set("http.gateway", this.properties.http().gateway(), this.builder::httpGateway);
		List<String> hosts = this.properties.http().hostWhitelist();
		set("http.cors", this.properties.http().cors(),
				(origins) -> this.port.httpAccess(HttpAccess.of(origins, hosts)));
		set("http.idle-timeout", this.properties.http().idleTimeout(), this.port::httpIdleTimeout);
	}

	private void endpoints() {
		KvServerProperties.Http http = this.properties.http();
		HttpEndpoints endpoints = new HttpEndpoints(http.versionEndpoint(), http.healthEndpoint(),
				http.metricsEndpoint(), http.metrics(), http.openMetrics(), http.debugVars(), http.pprof(), null);
		this.builder
			.endpoints(http.logEndpoint() ? endpoints.withLogLevels(PropertiesOptions::setLogLevel) : endpoints);
	}

	/** Of the root logger: what has a level of its own keeps it. */
	private static void setLogLevel(String level) {
		LoggingSystem.get(PropertiesOptions.class.getClassLoader()).setLogLevel(null, LogLevel.valueOf(level));
	}

	private void keepalive() {
		KvServerProperties.Keepalive keepalive = this.properties.grpc().keepalive();
		set("grpc.keepalive.min-time", keepalive.minTime(), this.port::keepAliveMinTime);
		set("grpc.keepalive.permit-without-stream", keepalive.permitWithoutStream(), this.port::keepAliveWithoutStream);
		set("grpc.keepalive.interval", keepalive.interval(), this.port::keepAliveInterval);
		set("grpc.keepalive.timeout", keepalive.timeout(), this.port::keepAliveTimeout);
	}

	private void auth() {
		KvServerProperties.Auth auth = this.properties.auth();
		AuthOptions defaults = AuthOptions.DEFAULTS;
		set("auth.token", auth.token(),
				(token) -> this.builder.auth(new AuthOptions(token, defaults.tokenTtl(), defaults.bcryptCost())));
		set("auth.token-ttl", auth.tokenTtl(),
				(ttl) -> this.builder.auth(new AuthOptions(auth.token(), ttl, defaults.bcryptCost())));
		set("auth.bcrypt-cost", auth.bcryptCost(),
				(cost) -> this.builder.auth(new AuthOptions(auth.token(), auth.tokenTtl(), cost)));
	}

	private void store() {
		KvServerProperties.Store store = this.properties.store();
		set("store.value-cache-size", store.valueCacheSize(), (size) -> this.builder.valueCacheBytes(size.toBytes()));
		set("store.block-cache-size", store.blockCacheSize(), (size) -> this.builder.blockCacheBytes(size.toBytes()));
		set("store.quota", store.quota(), (size) -> this.builder.quotaBytes(size.toBytes()));
		if (store.type() == StoreType.MEMORY) {
			return;
		}
		if (store.type() == StoreType.ROCKSDB && store.dataDir() == null) {
			throw invalid("store.data-dir", null, "A directory is needed when kv.server.store.type is 'rocksdb'");
		}
		set("store.data-dir", store.dataDir(), (directory) -> this.builder.dataDirectory(Path.of(directory)));
		set("store.wal-dir", store.walDir(), (directory) -> this.builder.walDirectory(Path.of(directory)));
		set("store.restore-from", store.restoreFrom(), (file) -> this.builder.restoreFrom(Path.of(file)));
	}

	private void background() {
		set("compaction.retention", this.properties.compaction().retention(),
				(retention) -> this.builder.compactionPolicy(policy(retention)));
		set("compaction.batch-limit", this.properties.compaction().batchLimit(), this.builder::compactionBatchLimit);
		set("watch.progress-notify-interval", this.properties.watch().progressNotifyInterval(),
				this.builder::watchProgressNotifyInterval);
		set("lifecycle.shutdown-grace", this.properties.lifecycle().shutdownGrace(), this.builder::shutdownGrace);
	}

	private void tls() {
		KvServerOptions known = this.builder.build();
		this.port.tls(PropertiesTls.of(this.properties.tls(), this.bundles, known.dataDirectory(), known.port(),
				known.advertisedUrls()));
		this.builder.port(this.port.build());
	}

	private CompactionPolicy policy(String retention) {
		if (retention.equals("0")) {
			return new CompactionPolicy.None();
		}
		boolean number = retention.matches("\\d{1,18}");
		if (this.properties.compaction().mode() == CompactionMode.REVISION) {
			if (!number) {
				throw new IllegalArgumentException(
						"A number of revisions is needed when kv.server.compaction.mode is 'revision'");
			}
			return new CompactionPolicy.Revisions(Long.parseLong(retention));
		}
		return new CompactionPolicy.Periodic(
				number ? hours(Long.parseLong(retention)) : DurationStyle.detectAndParse(retention));
	}

	private static Duration hours(long hours) {
		try {
			return Duration.ofHours(hours);
		}
		catch (ArithmeticException ex) {
			throw new IllegalArgumentException(hours + " hours are too many", ex);
		}
	}

	private <T> void set(String property, @Nullable T value, Consumer<T> option) {
		if (value == null) {
			return;
		}
		try {
			option.accept(value);
			this.builder.port(this.port.build()).build();
		}
		catch (IllegalArgumentException ex) {
			throw invalid(property, value, String.valueOf(ex.getMessage()));
		}
	}

	private static InvalidConfigurationPropertyValueException invalid(String property, @Nullable Object value,
			String reason) {
		return new InvalidConfigurationPropertyValueException("kv.server." + property, value, reason + ".");
	}

	private static int bytes(DataSize size) {
		if (size.toBytes() > Integer.MAX_VALUE) {
			throw new IllegalArgumentException("At most " + Integer.MAX_VALUE + " bytes are possible");
		}
		return (int) size.toBytes();
	}

}
