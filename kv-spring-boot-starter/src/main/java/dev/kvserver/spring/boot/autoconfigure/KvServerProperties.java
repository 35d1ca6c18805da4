package dev.kvserver.spring.boot.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

import dev.kvserver.server.http.MetricsLevel;
import dev.kvserver.server.port.PortTransport;
import dev.kvserver.server.tls.AlpnPreference;
import dev.kvserver.server.tls.ClientAuthentication;
import dev.kvserver.server.tls.TlsProvider;
import dev.kvserver.server.tls.TlsVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties of the embedded server. Defaults are etcd's where etcd has
 * one; the flag a property answers to is named in its description.
 *
 * @param name Name of the member (etcd: --name). Taken from 'spring.application.name'
 * when not set, and 'default' when that is not set either.
 * @param version Version of etcd that is reported to clients, as major.minor.patch.
 * Clients decide by it which requests they send.
 * @param listen where to listen
 * @param grpc the gRPC side of the port
 * @param http the HTTP/1 side of the port
 * @param tls encryption, and certificates of clients
 * @param auth how callers are known
 * @param store where the data is
 * @param compaction deletion of old revisions
 * @param watch watches
 * @param lifecycle start and stop
 */
@ConfigurationProperties("kv.server")
public record KvServerProperties(@Nullable String name, @DefaultValue("3.7.0") String version,
		@DefaultValue Listen listen, @DefaultValue Grpc grpc, @DefaultValue Http http, @DefaultValue Tls tls,
		@DefaultValue Auth auth, @DefaultValue Store store, @DefaultValue Compaction compaction,
		@DefaultValue Watch watch, @DefaultValue Lifecycle lifecycle) {

	/**
	 * Where to listen.
	 *
	 * @param addresses Addresses to listen on, each as host:port, [IPv6]:port or *:port
	 * for all interfaces, with or without 'http://' or 'https://', or 'unix:' and
	 * 'unixs:' with a file (etcd: --listen-client-urls). With port 0 a free port is
	 * picked and published as 'local.kv.server.port'.
	 * @param advertise URLs that clients are told to use (etcd: --advertise-client-urls).
	 * Those of the addresses when not set.
	 * @param httpAddresses Addresses for HTTP only. When there are any, those of
	 * 'kv.server.listen.addresses' serve gRPC only (etcd: --listen-client-http-urls).
	 * @param metricsAddresses Addresses where only metrics and health are served (etcd:
	 * --listen-metrics-urls).
	 * @param reusePort Whether other processes may listen on the same addresses (etcd:
	 * --socket-reuse-port).
	 * @param reuseAddress Whether to listen on addresses that connections of before are
	 * still fading from (etcd: --socket-reuse-address, but always on).
	 * @param maxConnections Most connections that may be open; the next one is closed at
	 * once. Unlimited when 0.
	 */
	public record Listen(@DefaultValue("localhost:2379") List<String> addresses, @DefaultValue List<String> advertise,
			@DefaultValue List<String> httpAddresses, @DefaultValue List<String> metricsAddresses,
			@DefaultValue("false") boolean reusePort, @DefaultValue("true") boolean reuseAddress,
			@DefaultValue("16384") int maxConnections) {

	}

	/**
	 * The gRPC side of the port.
	 *
	 * @param maxRequestSize Largest request (etcd: --max-request-bytes). A message on the
	 * wire may be 512KB larger.
	 * @param maxMetadataSize Largest metadata of a call.
	 * @param maxConcurrentStreams Most calls that may be under way on one connection
	 * (etcd: --max-concurrent-streams). Unlimited when 0.
	 * @param maxTxnOps Most operations in one transaction (etcd: --max-txn-ops).
	 * @param maxResets Most calls that may be reset on one connection within 30 seconds
	 * before it is closed. Unlimited when 0.
	 * @param maxUnreadAnswers How much all clients together may be answered and not have
	 * read. Beyond it, those that do not read get no further answers, and in the end lose
	 * their connection. A quarter of the JVM's direct memory when 0.
	 * @param keepalive pings on idle connections
	 * @param handshakeTimeout How long a new connection may take until it is known what
	 * it speaks.
	 * @param transport Network transport.
	 * @param eventLoopThreads Threads that serve the connections. One for each core when
	 * 0.
	 * @param reflection Whether clients such as grpcurl may ask which services there are,
	 * even without logging in.
	 * @param channelz Whether clients may look at connections and calls with gRPC's
	 * channelz service.
	 */
	public record Grpc(@DefaultValue("1536KB") DataSize maxRequestSize, @DefaultValue("64KB") DataSize maxMetadataSize,
			@DefaultValue("0") int maxConcurrentStreams, @DefaultValue("128") int maxTxnOps,
			@DefaultValue("10000") int maxResets, @DefaultValue("0B") DataSize maxUnreadAnswers,
			@DefaultValue Keepalive keepalive,
			@DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration handshakeTimeout,
			@DefaultValue("auto") PortTransport transport, @DefaultValue("0") int eventLoopThreads,
			@DefaultValue("false") boolean reflection, @DefaultValue("false") boolean channelz) {

	}

	/**
	 * Pings on idle connections.
	 *
	 * @param minTime Shortest interval at which a client may ping (etcd:
	 * --grpc-keepalive-min-time). Clients that ping faster are disconnected.
	 * @param permitWithoutStream Whether a client may ping while it has no call under
	 * way.
	 * @param interval Interval at which the server pings a client that is silent (etcd:
	 * --grpc-keepalive-interval). Never when 0.
	 * @param timeout How long the server waits for the answer to its ping before it
	 * closes the connection (etcd: --grpc-keepalive-timeout).
	 */
	public record Keepalive(@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration minTime,
			@DefaultValue("false") boolean permitWithoutStream,
			@DefaultValue("2h") @DurationUnit(ChronoUnit.SECONDS) Duration interval,
			@DefaultValue("20s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout) {

	}

	/**
	 * The HTTP/1 side of the port.
	 *
	 * @param gateway Whether the JSON gateway, the paths below /v3/, is served (etcd:
	 * --enable-grpc-gateway).
	 * @param versionEndpoint Whether '/version' is served.
	 * @param healthEndpoint Whether '/health', '/livez' and '/readyz' are served.
	 * @param metricsEndpoint Whether '/metrics' is served.
	 * @param metrics How much the metrics tell (etcd: --metrics). With 'extensive' also
	 * how long calls take, by method.
	 * @param openMetrics Whether '/metrics' answers in OpenMetrics to who prefers that.
	 * etcd does not.
	 * @param debugVars Whether '/debug/vars' is served.
	 * @param pprof Whether '/debug/pprof/' is served, with a thread dump, a histogram of
	 * the heap and recordings of Java Flight Recorder (etcd: --enable-pprof). They tell
	 * much about the application, so not everybody should reach them.
	 * @param logEndpoint Whether a PUT to '/config/local/log' sets the log level of the
	 * application, as up to etcd 3.4.
	 * @param cors Origins whose web pages browsers let talk to the server; '*' for all
	 * (etcd: --cors).
	 * @param hostWhitelist Host names, without port, by which clients may ask over
	 * HTTP/1; '*' for any (etcd: --host-whitelist). Names other than your own in it are
	 * how web pages of others reach a server on localhost.
	 * @param idleTimeout How long an HTTP/1 connection may be idle before it is closed.
	 */
	public record Http(@DefaultValue("true") boolean gateway, @DefaultValue("true") boolean versionEndpoint,
			@DefaultValue("true") boolean healthEndpoint, @DefaultValue("true") boolean metricsEndpoint,
			@DefaultValue("basic") MetricsLevel metrics, @DefaultValue("false") boolean openMetrics,
			@DefaultValue("true") boolean debugVars, @DefaultValue("false") boolean pprof,
			@DefaultValue("false") boolean logEndpoint, @DefaultValue("*") List<String> cors,
			@DefaultValue("*") List<String> hostWhitelist,
			@DefaultValue("5m") @DurationUnit(ChronoUnit.SECONDS) Duration idleTimeout) {

	}

	/**
	 * Encryption, and certificates of clients.
	 *
	 * @param enabled Whether TLS is spoken. It is, when not set, if there is a bundle or
	 * 'kv.server.tls.auto' is set.
	 * @param bundle Name of the SSL bundle with the server's key and certificate, and
	 * whom to trust about clients (etcd: --cert-file, --key-file, --trusted-ca-file). Its
	 * options and changes of its files are heeded.
	 * @param provider Implementation of TLS. For 'openssl', netty-tcnative must be on the
	 * class path.
	 * @param clientAuth Whether clients are asked for a certificate (etcd:
	 * --client-cert-auth, which is 'require').
	 * @param allowedCn Only common names that client certificates may have. Any when
	 * empty.
	 * @param allowedHostnames Host names and IP addresses of which client certificates
	 * must name one (etcd: --client-cert-allowed-hostname). Any when empty.
	 * @param crl File with revoked certificates, PEM or DER, which is read again when it
	 * changes (etcd: --client-crl-file).
	 * @param auto Whether the server makes a key and a certificate for itself, below the
	 * data directory if there is one (etcd: --auto-tls).
	 * @param plaintextOnSamePort Whether clients without TLS are served as well.
	 * @param alpnPreference Protocol for clients that offer both HTTP/1.1 and HTTP/2.
	 * Over HTTP/2 only gRPC is served.
	 * @param minVersion Lowest version, TLS1.2 or TLS1.3 (etcd: --tls-min-version).
	 * @param maxVersion Highest version (etcd: --tls-max-version). The highest there is
	 * when not set.
	 * @param ciphers Ciphers of TLS 1.2, by their names in Java or in Go (etcd:
	 * --cipher-suites). Those that HTTP/2 recommends when empty.
	 */
	public record Tls(@Nullable Boolean enabled, @Nullable String bundle, @DefaultValue("jdk") TlsProvider provider,
			@DefaultValue("none") ClientAuthentication clientAuth, @DefaultValue List<String> allowedCn,
			@DefaultValue List<String> allowedHostnames, @Nullable String crl, @DefaultValue("false") boolean auto,
			@DefaultValue("false") boolean plaintextOnSamePort, @DefaultValue("http1") AlpnPreference alpnPreference,
			@DefaultValue("TLS1.2") TlsVersion minVersion, @Nullable TlsVersion maxVersion,
			@DefaultValue List<String> ciphers) {

		/** Whether TLS is to be spoken. */
		boolean isWanted() {
			return (this.enabled != null) ? this.enabled : this.bundle != null || this.auto;
		}

	}

	/**
	 * How callers are known once authentication is enabled.
	 *
	 * @param token Kind of token that a login gives: 'simple', or 'jwt' with its options
	 * after commas, as in 'jwt,sign-method=RS256,priv-key=private.pem,ttl=5m' (etcd:
	 * --auth-token).
	 * @param tokenTtl How long a simple token may go unused (etcd: --auth-token-ttl).
	 * @param bcryptCost Effort of hashing a password, from 4 to 31 (etcd: --bcrypt-cost).
	 */
	public record Auth(@DefaultValue("simple") String token,
			@DefaultValue("5m") @DurationUnit(ChronoUnit.SECONDS) Duration tokenTtl,
			@DefaultValue("10") int bcryptCost) {

	}

	/**
	 * Where the data is.
	 *
	 * @param type Kind of store.
	 * @param dataDir Directory of the data (etcd: --data-dir). Created when absent; used
	 * by one server at a time.
	 * @param walDir Directory of the log (etcd: --wal-dir). Below the data directory when
	 * not set.
	 * @param restoreFrom Snapshot or database file of etcd whose data is imported into
	 * the data directory, which must be empty. To be taken away after the first start.
	 * @param valueCacheSize Memory for values that were read or written lately. A quarter
	 * of the largest heap when not set.
	 * @param blockCacheSize Memory outside of the heap for blocks of RocksDB.
	 * @param quota Space the data may take before writes are refused and an alarm is
	 * raised (etcd: --quota-backend-bytes). Negative for no limit.
	 */
	public record Store(@DefaultValue("auto") StoreType type, @Nullable String dataDir, @Nullable String walDir,
			@Nullable String restoreFrom, @Nullable DataSize valueCacheSize,
			@DefaultValue("64MB") DataSize blockCacheSize, @DefaultValue("2GB") DataSize quota) {

	}

	/** Kind of store. */
	public enum StoreType {

		/** {@link #ROCKSDB} when a data directory is set, else {@link #MEMORY}. */
		AUTO,
		/** In memory, gone when the application stops; a data directory is ignored. */
		MEMORY,
		/** In RocksDB, in the data directory. */
		ROCKSDB

	}

	/**
	 * Deletion of old revisions.
	 *
	 * @param mode What the retention of automatic compaction means (etcd:
	 * --auto-compaction-mode).
	 * @param retention History that automatic compaction keeps: a duration or a number of
	 * hours in mode 'periodic', a number of revisions in mode 'revision' (etcd:
	 * --auto-compaction-retention). Nothing is compacted automatically when 0.
	 * @param batchLimit Most revisions that a compaction removes in one turn, between
	 * which writes have theirs (etcd: --compaction-batch-limit).
	 */
	public record Compaction(@DefaultValue("periodic") CompactionMode mode, @DefaultValue("0") String retention,
			@DefaultValue("1000") int batchLimit) {

	}

	/** What automatic compaction keeps. */
	public enum CompactionMode {

		/** The history of a period. */
		PERIODIC,
		/** A number of revisions. */
		REVISION

	}

	/**
	 * Watches.
	 *
	 * @param progressNotifyInterval Interval at which an idle watch that asked for it is
	 * told the current revision (etcd: --watch-progress-notify-interval).
	 */
	public record Watch(@DefaultValue("10m") @DurationUnit(ChronoUnit.SECONDS) Duration progressNotifyInterval) {

	}

	/**
	 * Start and stop.
	 *
	 * @param phase Phase in which the port is opened and closed. The default is before
	 * and after nearly everything else.
	 * @param drainPhase Phase in which open streams are ended and calls under way are
	 * waited for. The default is that of graceful shutdown of web servers.
	 * @param shutdownGrace How long calls under way are waited for.
	 */
	public record Lifecycle(@DefaultValue("-2147482624") int phase, @DefaultValue("2147482623") int drainPhase,
			@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration shutdownGrace) {

	}

}
