package dev.kvserver.server.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * gRPC calls, over whatever they come (etcd-contract section 5.2). Any thread.
 */
public final class CallMetrics {

	/** As many versions of clients are told apart; all others are counted as one. */
	private static final int VERSIONS_MAX = 64;

	private static final byte[] UNKNOWN = "unknown".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] OTHER = "other".getBytes(StandardCharsets.US_ASCII);

	private final boolean timed;

	/** By full name. */
	private final Map<String, MethodMetrics> methods = new ConcurrentSkipListMap<>();

	private final Counter receivedBytes = new Counter();

	private final Counter sentBytes = new Counter();

	private final CopyOnWriteArrayList<LongSupplier> moreSentBytes = new CopyOnWriteArrayList<>();

	/** Grows; looked through for each call, so those seen first are found first. */
	private volatile ClientVersion[] versions = { new ClientVersion(UNKNOWN) };

	/**
	 * Makes the metrics.
	 * @param timed whether the time that calls take is told, too
	 */
	public CallMetrics(boolean timed) {
		this.timed = timed;
	}

	/**
	 * The metrics of a method, made when asked for the first time.
	 * @param service the full name of its service
	 * @param method its name
	 * @param type {@code unary}, {@code client_stream}, {@code server_stream} or
	 * {@code bidi_stream}
	 * @param always whether it is told before it was ever called
	 * @return the metrics
	 */
	public MethodMetrics method(String service, String method, String type, boolean always) {
		return this.methods.computeIfAbsent(service + '/' + method,
				(name) -> new MethodMetrics(service, method, type, always, this.timed));
	}

	/**
	 * Counts bytes of a client's message.
	 * @param bytes without what gRPC puts around it
	 */
	public void received(long bytes) {
		this.receivedBytes.add(bytes);
	}

	/**
	 * Counts bytes of a message for a client.
	 * @param bytes without what gRPC puts around it
	 */
	public void sent(long bytes) {
		this.sentBytes.add(bytes);
	}

	/**
	 * Adds bytes that are counted elsewhere.
	 * @param bytes asked each time, never falls
	 */
	public void addSentBytes(LongSupplier bytes) {
		this.moreSentBytes.add(bytes);
	}

	/** The version of a client that does not say it. */
	public ClientVersion unknownVersion() {
		return this.versions[0];
	}

	/**
	 * The counters of a client's version.
	 * @param version what the client says, in UTF-8
	 * @return the counters, shared by all versions that are one too many
	 */
	public ClientVersion version(byte[] version) {
		ClientVersion[] known = this.versions;
		for (ClientVersion each : known) {
			if (Arrays.equals(each.version, version)) {
				return each;
			}
		}
		return (known.length > VERSIONS_MAX) ? known[VERSIONS_MAX] : add(version);
	}

	private synchronized ClientVersion add(byte[] version) {
		ClientVersion[] known = this.versions;
		for (ClientVersion each : known) {
			if (Arrays.equals(each.version, version)) {
				return each;
			}
		}
		ClientVersion[] more = Arrays.copyOf(known, known.length + 1);
		ClientVersion added = new ClientVersion((known.length < VERSIONS_MAX) ? version.clone() : OTHER);
		more[known.length] = added;
		this.versions = more;
		return added;
	}

	void register(MetricRegistry registry) {
		registry.add("etcd_server_client_requests_total", MetricType.COUNTER,
				"The total number of client requests per client version.", (sink) -> {
					for (ClientVersion version : this.versions) {
						version.tell(sink);
					}
				});
		registry.counter("etcd_network_client_grpc_received_bytes_total",
				"The total number of bytes received from grpc clients.", this.receivedBytes);
		registry.counter("etcd_network_client_grpc_sent_bytes_total", "The total number of bytes sent to grpc clients.",
				this::allSentBytes);
		add(registry, "grpc_server_started_total", "Total number of RPCs started on the server.",
				MethodMetrics::tellStarted);
		add(registry, "grpc_server_handled_total",
				"Total number of RPCs completed on the server, regardless of success or failure.",
				MethodMetrics::tellHandled);
		add(registry, "grpc_server_msg_received_total", "Total number of RPC stream messages received on the server.",
				MethodMetrics::tellReceived);
		add(registry, "grpc_server_msg_sent_total", "Total number of gRPC stream messages sent by the server.",
				MethodMetrics::tellSent);
		registry.add("etcd_network_server_stream_failures_total", MetricType.COUNTER,
				"The total number of stream failures from the local server.", (sink) -> {
					tellFailures(sink, "etcdserverpb.Watch/Watch", "watch");
					tellFailures(sink, "etcdserverpb.Lease/LeaseKeepAlive", "lease-keepalive");
				});
		if (this.timed) {
			registry.add("grpc_server_handling_seconds", MetricType.HISTOGRAM,
					"Histogram of response latency (seconds) of gRPC that had been application-level handled by "
							+ "the server.",
					(sink) -> this.methods.values().forEach((method) -> method.tellHandling(sink)));
		}
	}

	private void add(MetricRegistry registry, String name, String help, BiConsumer<MethodMetrics, SampleSink> teller) {
		registry.add(name, MetricType.COUNTER, help,
				(sink) -> this.methods.values().forEach((method) -> teller.accept(method, sink)));
	}

	private void tellFailures(SampleSink sink, String fullName, String api) {
		MethodMetrics method = this.methods.get(fullName);
		if (method != null && method.receiveFailures() > 0) {
			sink.add(method.receiveFailures(), "API", api, "Type", "receive");
		}
	}

	private long allSentBytes() {
		long bytes = this.sentBytes.value();
		for (LongSupplier more : this.moreSentBytes) {
			bytes += more.getAsLong();
		}
		return bytes;
	}

	/** The calls of clients of one version. */
	public static final class ClientVersion {

		private final byte[] version;

		private final Counter unary = new Counter();

		private final Counter streams = new Counter();

		private ClientVersion(byte[] version) {
			this.version = version;
		}

		/**
		 * Counts a call.
		 * @param isUnary whether it has one request and one response
		 */
		public void called(boolean isUnary) {
			(isUnary ? this.unary : this.streams).increment();
		}

		private void tell(SampleSink sink) {
			String name = new String(this.version, StandardCharsets.UTF_8);
			if (this.streams.value() > 0) {
				sink.add(this.streams.value(), "client_api_version", name, "type", "stream");
			}
			if (this.unary.value() > 0) {
				sink.add(this.unary.value(), "client_api_version", name, "type", "unary");
			}
		}

	}

}
