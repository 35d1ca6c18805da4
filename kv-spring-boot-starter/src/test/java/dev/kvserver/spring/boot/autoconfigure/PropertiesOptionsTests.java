package dev.kvserver.spring.boot.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.compact.CompactionPolicy;
import dev.kvserver.server.http.MetricsLevel;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.port.PortTransport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PropertiesOptionsTests {

	/**
	 * Those that are no option of the server, or need an SSL bundle, each with a test of
	 * its own elsewhere.
	 */
	private static final Set<String> ACTING_ELSEWHERE = Set.of("kv.server.enabled", "kv.server.store.type",
			"kv.server.lifecycle.phase", "kv.server.lifecycle.drain-phase", "management.health.kv.enabled",
			"kv.server.tls.enabled", "kv.server.tls.bundle", "kv.server.tls.provider", "kv.server.tls.client-auth",
			"kv.server.tls.allowed-cn", "kv.server.tls.allowed-hostnames", "kv.server.tls.crl",
			"kv.server.tls.plaintext-on-same-port", "kv.server.tls.alpn-preference", "kv.server.tls.min-version",
			"kv.server.tls.max-version", "kv.server.tls.ciphers");

	static List<Case> cases() {
		return List.of(new Case("name", "m1", "m1", KvServerOptions::name),
				new Case("version", "3.6.1", "3.6.1", KvServerOptions::version),
				new Case("listen.addresses", "127.0.0.1:1,[::1]:2",
						List.of(ListenAddress.parse("127.0.0.1:1"), ListenAddress.parse("[::1]:2")),
						port(PortOptions::addresses)),
				new Case("listen.advertise", "http://kv:1", List.of("http://kv:1"), KvServerOptions::advertisedUrls),
				new Case("listen.http-addresses", "http://127.0.0.1:3", List.of(ListenAddress.parse("127.0.0.1:3")),
						port(PortOptions::httpAddresses)),
				new Case("listen.metrics-addresses", "127.0.0.1:4", List.of(ListenAddress.parse("127.0.0.1:4")),
						port(PortOptions::metricsAddresses)),
				new Case("listen.reuse-port", "true", true, port(PortOptions::reusePort)),
				new Case("listen.reuse-address", "false", false, port(PortOptions::reuseAddress)),
				new Case("grpc.max-request-size", "2MB", 2_097_152, port(PortOptions::maxRequestBytes)),
				new Case("grpc.max-metadata-size", "8KB", 8_192, port(PortOptions::maxMetadataBytes)),
				new Case("grpc.max-concurrent-streams", "7", 7, port(PortOptions::maxConcurrentStreams)),
				new Case("grpc.max-txn-ops", "9", 9, KvServerOptions::maxTxnOps),
				new Case("grpc.max-resets", "8", 8, port(PortOptions::maxRstFramesPerWindow)),
				new Case("grpc.max-unread-answers", "9KB", 9_216L, port(PortOptions::maxUnreadAnswerBytes)),
				new Case("listen.max-connections", "6", 6, port(PortOptions::maxConnections)),
				new Case("grpc.handshake-timeout", "3", Duration.ofSeconds(3), port(PortOptions::handshakeTimeout)),
				new Case("grpc.transport", "nio", PortTransport.NIO, port(PortOptions::transport)),
				new Case("grpc.event-loop-threads", "3", 3, port(PortOptions::eventLoopThreads)),
				new Case("grpc.reflection", "true", true, port(PortOptions::reflection)),
				new Case("grpc.channelz", "true", true, port(PortOptions::channelz)),
				new Case("grpc.keepalive.min-time", "1", Duration.ofSeconds(1), port(PortOptions::keepAliveMinTime)),
				new Case("grpc.keepalive.permit-without-stream", "true", true,
						port(PortOptions::keepAliveWithoutStream)),
				new Case("grpc.keepalive.interval", "60", Duration.ofMinutes(1), port(PortOptions::keepAliveInterval)),
				new Case("grpc.keepalive.timeout", "9", Duration.ofSeconds(9), port(PortOptions::keepAliveTimeout)),
				new Case("http.gateway", "false", false, KvServerOptions::httpGateway),
				new Case("http.version-endpoint", "false", false, (options) -> options.endpoints().version()),
				new Case("http.health-endpoint", "false", false, (options) -> options.endpoints().health()),
				new Case("http.metrics-endpoint", "false", false, (options) -> options.endpoints().metrics()),
				new Case("http.metrics", "extensive", MetricsLevel.EXTENSIVE,
						(options) -> options.endpoints().metricsLevel()),
				new Case("http.open-metrics", "true", true, (options) -> options.endpoints().openMetrics()),
				new Case("http.debug-vars", "false", false, (options) -> options.endpoints().debugVars()),
				new Case("http.pprof", "true", true, (options) -> options.endpoints().pprof()),
				new Case("http.log-endpoint", "true", true, (options) -> options.endpoints().logLevels() != null),
				new Case("http.cors", "http://a:1,http://b:2", Set.of("http://a:1", "http://b:2"),
						port((options) -> options.httpAccess().origins())),
				new Case("http.host-whitelist", "kv,localhost", Set.of("kv", "localhost"),
						port((options) -> options.httpAccess().hosts())),
				new Case("http.idle-timeout", "30", Duration.ofSeconds(30), port(PortOptions::httpIdleTimeout)),
				new Case("tls.auto", "true", true, (options) -> options.port().tls() != null),
				new Case("auth.token", "jwt,sign-method=RS256,priv-key=p", "jwt,sign-method=RS256,priv-key=p",
						(options) -> options.auth().token()),
				new Case("auth.token-ttl", "30", Duration.ofSeconds(30), (options) -> options.auth().tokenTtl()),
				new Case("auth.bcrypt-cost", "12", 12, (options) -> options.auth().bcryptCost()),
				new Case("store.data-dir", "d", Path.of("d"), KvServerOptions::dataDirectory),
				new Case("store.wal-dir", "w", Path.of("w"), KvServerOptions::walDirectory,
						Map.of("store.data-dir", "d")),
				new Case("store.restore-from", "f", Path.of("f"), KvServerOptions::restoreFrom,
						Map.of("store.data-dir", "d")),
				new Case("store.value-cache-size", "5MB", 5_242_880L, KvServerOptions::valueCacheBytes),
				new Case("store.block-cache-size", "6MB", 6_291_456L, KvServerOptions::blockCacheBytes),
				new Case("store.quota", "7MB", 7_340_032L, KvServerOptions::quotaBytes),
				new Case("compaction.mode", "revision", new CompactionPolicy.Revisions(30),
						KvServerOptions::compactionPolicy, Map.of("compaction.retention", "30")),
				new Case("compaction.retention", "30m", new CompactionPolicy.Periodic(Duration.ofMinutes(30)),
						KvServerOptions::compactionPolicy),
				new Case("compaction.batch-limit", "17", 17, KvServerOptions::compactionBatchLimit),
				new Case("watch.progress-notify-interval", "2", Duration.ofSeconds(2),
						KvServerOptions::watchProgressNotifyInterval),
				new Case("lifecycle.shutdown-grace", "1", Duration.ofSeconds(1), KvServerOptions::shutdownGrace));
	}

	@ParameterizedTest
	@MethodSource("cases")
	void propertyActsOnItsOption(Case tested) {
		assertThat(tested.read(options(Map.of()))).isNotEqualTo(tested.expected());
		assertThat(tested.read(options(tested.properties()))).isEqualTo(tested.expected());
	}

	@Test
	void everyPropertyIsTested() {
		Set<String> tested = new TreeSet<>(ACTING_ELSEWHERE);
		cases().forEach((each) -> tested.add("kv.server." + each.property()));
		assertThat(tested).isEqualTo(MetadataJson.properties().keySet());
	}

	@ParameterizedTest
	@CsvSource({ "name, ''", "version, 3.7", "listen.addresses, ''", "grpc.max-request-size, 0B",
			"grpc.max-request-size, 4GB", "grpc.max-metadata-size, 0B", "grpc.max-metadata-size, 2GB",
			"grpc.max-concurrent-streams, -1", "grpc.max-txn-ops, 0", "grpc.handshake-timeout, 0s",
			"grpc.event-loop-threads, -1", "grpc.keepalive.min-time, -1s", "grpc.keepalive.interval, -1s",
			"grpc.keepalive.timeout, 0s", "http.idle-timeout, 0s", "store.wal-dir, w", "store.restore-from, f",
			"store.block-cache-size, -1B", "compaction.retention, x", "compaction.retention, 1ms",
			"compaction.retention, 999999999999999999", "compaction.retention, 876001", "compaction.batch-limit, 0",
			"watch.progress-notify-interval, 0s", "lifecycle.shutdown-grace, -1s" })
	void refusedValueIsReportedWithTheNameOfItsProperty(String property, String value) {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> options(Map.of(property, value)))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("kv.server." + property);
				assertThat(ex.getReason()).isNotBlank().endsWith(".");
			});
	}

	@Test
	void refusedAddressIsReportedWithItsIndex() {
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> options(Map.of("listen.addresses", "127.0.0.1:0,ftp://localhost:1")))
			.satisfies((ex) -> {
				assertThat(ex.getName()).isEqualTo("kv.server.listen.addresses[1]");
				assertThat(ex.getValue()).isEqualTo("ftp://localhost:1");
			});
	}

	@Test
	void addressesMayHaveASchemeThatGoesWithTls() {
		KvServerOptions options = options(
				Map.of("listen.addresses", "http://127.0.0.1:1,unix:/run/kv.sock,unix://a:1,127.0.0.1:2"));
		assertThat(options.port().addresses()).containsExactly(ListenAddress.parse("127.0.0.1:1"),
				ListenAddress.parse("127.0.0.1:2"));
		assertThat(options.port().unixSockets()).containsExactly(Path.of("/run/kv.sock"), Path.of("a:1"));
		assertThat(options(Map.of("listen.addresses", "https://127.0.0.1:1,unixs:a", "tls.auto", "true")).port()
			.unixSockets()).containsExactly(Path.of("a"));
		for (Map<String, String> wrong : List.of(Map.of("listen.addresses", "https://127.0.0.1:1"),
				Map.of("listen.addresses", "unixs:a"), Map.of("listen.addresses", "unix:"),
				Map.of("listen.addresses", "http://127.0.0.1:1", "tls.auto", "true"),
				Map.of("listen.addresses", "unix:a", "tls.auto", "true"))) {
			assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class).isThrownBy(() -> options(wrong))
				.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("kv.server.listen.addresses[0]"));
		}
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> options(Map.of("listen.http-addresses", "unix:a")))
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("kv.server.listen.http-addresses[0]"));
	}

	@Test
	void aRetentionWithoutAUnitIsInHoursOrRevisions() {
		assertThat(options(Map.of("compaction.retention", "2")).compactionPolicy())
			.isEqualTo(new CompactionPolicy.Periodic(Duration.ofHours(2)));
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> options(Map.of("compaction.mode", "revision", "compaction.retention", "30m")))
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("kv.server.compaction.retention"));
	}

	@Test
	void memoryStoreIgnoresTheDirectories() {
		KvServerOptions options = options(
				Map.of("store.type", "memory", "store.data-dir", "d", "store.wal-dir", "w", "store.restore-from", "f"));
		assertThat(options.dataDirectory()).isNull();
		assertThat(options.restoreFrom()).isNull();
		assertThat(options.walDirectory()).isNull();
	}

	@Test
	void rocksDbStoreNeedsADirectory() {
		assertThat(options(Map.of("store.type", "rocksdb", "store.data-dir", "d")).dataDirectory())
			.isEqualTo(Path.of("d"));
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> options(Map.of("store.type", "rocksdb")))
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("kv.server.store.data-dir"));
	}

	private static KvServerOptions options(Map<String, String> properties) {
		Map<String, String> prefixed = new HashMap<>();
		properties.forEach((name, value) -> prefixed.put("kv.server." + name, value));
		KvServerProperties bound = new Binder(new MapConfigurationPropertySource(prefixed)).bindOrCreate("kv.server",
				KvServerProperties.class);
		return PropertiesOptions.builder(bound, "default", null).build();
	}

	private static Function<KvServerOptions, @Nullable Object> port(Function<PortOptions, Object> option) {
		return (options) -> option.apply(options.port());
	}

	/** A value other than the default, what becomes of it, and what else it needs. */
	record Case(String property, String value, Object expected, Function<KvServerOptions, @Nullable Object> option,
			Map<String, String> others) {

		Case(String property, String value, Object expected, Function<KvServerOptions, @Nullable Object> option) {
			this(property, value, expected, option, Map.of());
		}

		@Nullable Object read(KvServerOptions options) {
			return this.option.apply(options);
		}

		Map<String, String> properties() {
			Map<String, String> properties = new HashMap<>(this.others);
			properties.put(this.property, this.value);
			return properties;
		}

		@Override
		public String toString() {
			return this.property + "=" + this.value;
		}

	}

}
