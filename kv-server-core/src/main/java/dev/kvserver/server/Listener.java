package dev.kvserver.server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.coordination.ElectionService;
import dev.kvserver.server.coordination.LockService;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.gateway.GatewayRoutes;
import dev.kvserver.server.http.HttpRoutes;
import dev.kvserver.server.http.HttpRoute;
import dev.kvserver.server.http.HttpTree;
import dev.kvserver.server.metrics.CallMetrics;
import dev.kvserver.server.port.CallCounting;
import dev.kvserver.server.port.GrpcHealth;
import dev.kvserver.server.port.KvPort;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.rpc.CallWatchAuthorizer;
import dev.kvserver.server.rpc.ClusterService;
import dev.kvserver.server.rpc.KvService;
import dev.kvserver.server.rpc.LeaseService;
import dev.kvserver.server.rpc.MaintenanceService;
import dev.kvserver.server.rpc.RangeStreams;
import dev.kvserver.server.rpc.Snapshots;
import dev.kvserver.server.rpc.WatchService;
import dev.kvserver.server.snapshot.SnapshotMember;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;

/** The open port of a server, with its services; made anew each time it listens. */
final class Listener implements AutoCloseable {

	private static final int GATEWAY_BODY_BYTES_MIN = 512 << 10;

	/** How much an answer of channelz holds: gRPC's own advice. */
	private static final int CHANNELZ_PAGE_SIZE = 100;

	private final KvServerOptions options;

	private final Engine engine;

	private final GrpcHealth grpcHealth = new GrpcHealth();

	private final ClusterService cluster;

	private final LeaseService leases;

	private final WatchService watch;

	private final ElectionService elections;

	private final LockService locks;

	private final KvPort port;

	Listener(KvServerOptions options, PortOptions portOptions, Engine engine, KvServerExtensions added) {
		this.options = options;
		this.engine = engine;
		this.cluster = new ClusterService(engine.headers(), engine.membership(), engine.log(), options.name(),
				engine.auth().access());
		this.leases = new LeaseService(engine.lessor(), engine.log(), engine.headers(), options.clock(), engine.quota(),
				engine.readers(), engine.auth().access());
		this.watch = new WatchService(engine.watches(), CallWatchAuthorizer.of(engine.auth().access()));
		engine.metrics().add(this.watch.sentBehind());
		this.elections = new ElectionService(engine::callerStore);
		this.locks = new LockService(engine::callerStore);
		List<ServerServiceDefinition> services = services();
		List<ServerInterceptor> interceptors = new ArrayList<>(added.interceptors());
		interceptors.add(new BrokenGate(engine::isBroken));
		interceptors.add(engine.auth().interceptor());
		CallMetrics calls = engine.metrics().calls();
		List<ServerServiceDefinition> guarded = new ArrayList<>(KvPort.guard(services, interceptors, calls));
		guarded.addAll(KvPort.guard(added.services().stream().map(KvGrpcService::definition).toList(),
				added.interceptors(), calls));
		this.port = new KvPort(portOptions, routes(services, interceptors, added.httpHandlers()), guarded);
	}

	private List<ServerServiceDefinition> services() {
		RangeStreams streams = new RangeStreams(this.engine.store(), this.engine.barrier(), this.engine.headers(),
				this.engine.readers(), this.options.port().maxRequestBytes(), this.engine.auth().access());
		MaintenanceService maintenance = new MaintenanceService(this.options.version(), this.engine.memberState(),
				this.engine.log(), this.engine.headers(), this.engine.maintenance(),
				new Snapshots(this.engine.data().storage(), this::member, this.engine.snapshots(),
						this.engine.store().metrics().maintenance()));
		List<ServerServiceDefinition> services = new ArrayList<>(
				List.of(new KvService(this.engine.requests(), streams).bindService(), this.watch.bindService(),
						this.leases.bindService(), this.engine.auth().service(this.engine).bindService(),
						maintenance.bindService(), this.cluster.bindService(), this.elections.bindService(),
						this.locks.bindService(), this.grpcHealth.bindService()));
		if (this.options.port().reflection()) {
			services.add(ProtoReflectionServiceV1.newInstance().bindService());
		}
		if (this.options.port().channelz()) {
			services.add(ChannelzService.newInstance(CHANNELZ_PAGE_SIZE).bindService());
		}
		return services;
	}

	private HttpRoutes routes(List<ServerServiceDefinition> services, List<ServerInterceptor> interceptors,
			List<KvHttpHandler> added) {
		List<HttpRoute> routes = new Endpoints(this.options, this.engine).routes();
		routes.addAll(ExtensionRoutes.routes(added));
		List<HttpTree> trees = new ArrayList<>(ExtensionRoutes.trees(added));
		if (this.options.httpGateway()) {
			List<ServerInterceptor> counted = new ArrayList<>(interceptors);
			counted.add(0, new CallCounting(this.engine.metrics().calls()));
			trees.add(new GatewayRoutes(services, counted, gatewayBodyBytesMax(), this.engine.gateway()));
		}
		return new HttpRoutes(routes, trees, () -> this.engine.auth().store().state().enabled());
	}

	/** The largest request in Base64, and as much again for what is around it. */
	private int gatewayBodyBytesMax() {
		return (int) Math.min(Integer.MAX_VALUE, GATEWAY_BODY_BYTES_MIN + 2L * this.options.port().maxRequestBytes());
	}

	void open() {
		this.engine.onDown(this::down);
		this.port.start();
		this.cluster.advertise(advertisedUrls());
	}

	/** Any thread; also called when the server is down already. */
	private void down() {
		this.grpcHealth.fail();
		if (this.engine.isBroken()) {
			endStreams();
		}
	}

	/** Ends what would not end by itself. */
	private void endStreams() {
		this.elections.drain();
		this.locks.drain();
		this.leases.drain();
		this.watch.drain(EtcdError.STOPPED.status());
	}

	private SnapshotMember member() {
		return new SnapshotMember(this.engine.data().memberId(), this.options.name(),
				this.engine.membership().peerUrls(), advertisedUrls(), this.options.version());
	}

	private List<String> advertisedUrls() {
		if (!this.options.advertisedUrls().isEmpty()) {
			return this.options.advertisedUrls();
		}
		String scheme = (this.options.port().tls() != null) ? "https" : "http";
		List<String> urls = new ArrayList<>();
		for (InetSocketAddress address : addresses()) {
			urls.add(scheme + "://" + address.getHostString() + ":" + address.getPort());
		}
		return urls;
	}

	void reloadTls() {
		this.port.reloadTls();
	}

	/** Where the port listens, with the host names of the options and real ports. */
	List<InetSocketAddress> addresses() {
		return named(this.options.port().addresses(), this.port.addresses());
	}

	List<InetSocketAddress> httpAddresses() {
		return named(this.options.port().httpAddresses(), this.port.httpAddresses());
	}

	List<InetSocketAddress> metricsAddresses() {
		return named(this.options.port().metricsAddresses(), this.port.metricsAddresses());
	}

	private static List<InetSocketAddress> named(List<InetSocketAddress> wanted, List<SocketAddress> bound) {
		List<InetSocketAddress> addresses = new ArrayList<>();
		for (int i = 0; i < bound.size(); i++) {
			int port = ((InetSocketAddress) bound.get(i)).getPort();
			addresses.add(InetSocketAddress.createUnresolved(wanted.get(i).getHostString(), port));
		}
		return addresses;
	}

	/** Lets calls under way end and starts none; streams are ended by us. */
	void drain(Duration grace) throws InterruptedException {
		this.grpcHealth.drain();
		this.port.shutdown();
		endStreams();
		this.port.awaitDrained(grace);
	}

	@Override
	public void close() {
		this.port.close();
	}

}
