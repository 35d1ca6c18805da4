package dev.kvserver.server;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.apply.AlarmStore;
import dev.kvserver.server.apply.ApplyLoop;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.apply.ServerState;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.compact.AutoCompactor;
import dev.kvserver.server.compact.CompactionPolicy;
import dev.kvserver.server.coordination.CallerStore;
import dev.kvserver.server.gateway.GatewayJobs;
import dev.kvserver.server.lease.LeaseExpiry;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.LocalReadBarrier;
import dev.kvserver.server.log.LogLimits;
import dev.kvserver.server.log.LogLoop;
import dev.kvserver.server.log.LogRetention;
import dev.kvserver.server.log.ProposingLeaseRevoker;
import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.loop.LoopThread;
import dev.kvserver.server.loop.TurnAgent;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.rpc.Access;
import dev.kvserver.server.rpc.CallWatchAuthorizer;
import dev.kvserver.server.rpc.KvRequests;
import dev.kvserver.server.rpc.MemberState;
import dev.kvserver.server.rpc.ResponseHeaders;
import dev.kvserver.server.rpc.Snapshots;
import dev.kvserver.server.watch.WatchAuthorizer;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.watch.WatchLoop;
import dev.kvserver.server.watch.WatchOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.util.Objects.requireNonNull;

/**
 * Everything of a server but its port: storage, log, store, leases, watchers, and the
 * threads that own them. Opened along the data path and closed in reverse; what was
 * opened is closed again when a later part cannot be opened.
 */
final class Engine implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Engine.class);

	/** etcd's minimum: 1.5 election timeouts of a second, rounded up. */
	private static final int LEASE_TTL_MIN_SECONDS = 2;

	private static final int READERS = 2;

	private static final int READERS_WAITING_MAX = 1_000;

	private static final int JOBS_WAITING_MAX = 16;

	/** One after the other: each reads as fast as the disk and the client allow. */
	private static final int SNAPSHOT_THREADS = 1;

	private final AtomicReference<KvServerHealth> health = new AtomicReference<>(KvServerHealth.UP);

	private volatile boolean broken;

	private volatile Runnable onDown = () -> {
	};

	private final Closer closer;

	private final DataStore data;

	private final MvccStore store;

	private final Lessor lessor;

	private final AlarmStore alarms;

	private final Membership membership;

	private final SpaceQuota quota;

	/** Whether the alarm that the quota was reached is on its way. */
	private final AtomicBoolean raising = new AtomicBoolean();

	private final AuthParts auth;

	private final WatchLoop watches;

	private final LogLoop log;

	private final LocalReadBarrier barrier = new LocalReadBarrier();

	private final ResponseHeaders headers;

	private final Executor readers;

	private final Executor snapshots;

	private final Executor maintenance;

	private final GatewayJobs gateway;

	private final KvRequests requests;

	private final Clock clock;

	private final EmbeddedKvStore embedded;

	private final EngineMetrics metrics;

	private Engine(KvServerOptions options, DiskUse disk, Closer closer) {
		this.closer = closer;
		this.data = DataStore.open(options, disk, closer);
		this.store = openStore(options);
		this.lessor = new Lessor(LEASE_TTL_MIN_SECONDS);
		this.lessor.load(this.data.storage());
		this.store.forEachAttached(this::attach);
		this.lessor.publish();
		this.alarms = AlarmStore.load(this.data.storage());
		this.membership = Membership.load(this.data.storage(), this.data.memberId(), DataStore.PEER_URLS);
		this.auth = AuthParts.open(options.auth(), this.data.storage(), closer);
		ApplyLoop apply = new ApplyLoop(
				new ServerState(this.store, this.lessor, this.alarms, this.membership, this.auth.store()),
				this.data.clusterId(), this.data.memberId());
		this.data.log().replay(this.store.view().appliedIndex(), apply::apply);
		this.headers = new ResponseHeaders(this.data.clusterId(), this.data.memberId(),
				() -> this.store.view().revision(), () -> this.data.log().term());
		this.watches = startWatches(options);
		apply.publishTo(this.watches);
		this.log = newLog(options, apply);
		LoopThread expiry = newExpiry(options);
		startWriter(apply);
		expiry.start();
		startCompactor(options);
		startRetention(disk.segmentBytes());
		this.quota = new SpaceQuota(options.quotaBytes(), this.data.storage()::sizeBytes, this::raiseNoSpace);
		this.readers = closer.add(new WorkerPool("kv-reader", READERS, READERS_WAITING_MAX)).executor();
		this.gateway = new GatewayJobs(
				closer.add(new WorkerPool("kv-gateway", READERS, GatewayJobs.WAITING_MAX)).executor());
		this.maintenance = closer.add(new WorkerPool("kv-maintenance", 1, JOBS_WAITING_MAX)).executor();
		this.snapshots = closer.add(new WorkerPool("kv-snapshot", SNAPSHOT_THREADS, Snapshots.CALLS_MAX)).executor();
		this.requests = new KvRequests(this.store, this.log, this.barrier, this.headers, options.maxTxnOps(),
				this.quota, this.readers, this.auth.access());
		this.clock = options.clock();
		this.embedded = storeOf(Credentials.EMBEDDER, WatchAuthorizer.ALLOW_ALL);
		this.metrics = new EngineMetrics(this, options, apply.metrics());
	}

	static Engine open(KvServerOptions options, DiskUse disk) {
		Closer closer = new Closer();
		try {
			return new Engine(options, disk, closer);
		}
		catch (Throwable ex) {
			closer.close();
			throw ex;
		}
	}

	private MvccStore openStore(KvServerOptions options) {
		Executor background = this.closer.add(new WorkerPool("kv-background", 1, JOBS_WAITING_MAX)).executor();
		return this.closer
			.add(MvccStore.open(this.data.storage(), mvccOptions(options), background, this.data.checkpoint()));
	}

	/** Restored data may name a lease that is gone: etcd, too, goes on without it. */
	private void attach(byte[] key, long lease) {
		if (this.lessor.exists(lease)) {
			this.lessor.attach(lease, key);
		}
		else {
			logger.warn("A key of {} bytes is attached to lease {}, which does not exist", key.length,
					Long.toHexString(lease));
		}
	}

	private static MvccOptions mvccOptions(KvServerOptions options) {
		MvccOptions defaults = MvccOptions.defaults();
		long cacheBytes = (options.valueCacheBytes() >= 0) ? options.valueCacheBytes() : defaults.valueCacheBytes();
		return new MvccOptions(cacheBytes, options.compactionBatchLimit());
	}

	private WatchLoop startWatches(KvServerOptions options) {
		ResponseHeader header = ResponseHeader.newBuilder()
			.setClusterId(this.data.clusterId())
			.setMemberId(this.data.memberId())
			.setRaftTerm(this.data.log().term())
			.build();
		WatchOptions watchOptions = WatchOptions.defaults()
			.withRequestBytesMax(options.port().maxRequestBytes())
			.withProgressInterval(options.watchProgressNotifyInterval().toNanos());
		WatchLoop loop = new WatchLoop(this.store.view(), () -> header, watchOptions, options.clock(),
				this.data.memberId());
		LoopThread thread = newThread("kv-watch", loop);
		loop.onWork(thread::wakeUp);
		thread.start();
		return loop;
	}

	private LogLoop newLog(KvServerOptions options, ApplyLoop apply) {
		int headerBytes = RequestSizes.headerBytes(this.data.memberId());
		LogLimits limits = LogLimits.DEFAULTS
			.withRequestBytesMax(Math.max(1, options.port().maxRequestBytes() - headerBytes));
		return new LogLoop(this.data.log(), apply, () -> this.store.view().appliedIndex(), limits);
	}

	/**
	 * Log and apply share a thread: on one node neither has anything to do while the
	 * other works, and the hand-over costs no wake-up.
	 */
	private void startWriter(ApplyLoop apply) {
		LoopThread thread = newThread("kv-apply", new TurnAgent(this.log, apply));
		this.log.onProposed(thread::wakeUp);
		this.store.onCompacting(thread::wakeUp);
		thread.start();
	}

	private LoopThread newExpiry(KvServerOptions options) {
		LeaseExpiry expiry = new LeaseExpiry(this.lessor, options.clock(), new ProposingLeaseRevoker(this.log));
		TokenTicks ticks = new TokenTicks(this.auth.store(), options.clock());
		LoopThread thread = newThread("kv-lease", new TurnAgent(expiry, ticks));
		this.lessor.onChange(thread::wakeUp);
		this.auth.store().onEnabled(thread::wakeUp);
		return thread;
	}

	private void startCompactor(KvServerOptions options) {
		if (!(options.compactionPolicy() instanceof CompactionPolicy.None)) {
			newThread("kv-compactor", new AutoCompactor(options.compactionPolicy(), () -> this.store.view().revision(),
					this.log, options.clock()))
				.start();
		}
	}

	private void startRetention(long flushAfterBytes) {
		if (this.data.durable()) {
			newThread("kv-retention", new LogRetention(this.data.log(), this.data.storage(),
					() -> this.store.view().appliedIndex(), flushAfterBytes))
				.start();
		}
	}

	private LoopThread newThread(String name, Agent agent) {
		return this.closer.add(new LoopThread(name, agent, (failure) -> failed(name, failure)));
	}

	/**
	 * A loop that has ended takes the server down, never the JVM. If it was the disk,
	 * reads are still answered, from what was durable then; anything else is an error of
	 * ours, after which no answer is to be trusted.
	 */
	private void failed(String name, Throwable failure) {
		boolean disk = failure instanceof StorageException;
		logger.error("{} has failed; the server refuses all {}", name, disk ? "writes" : "calls", failure);
		if (!disk) {
			this.broken = true;
			this.barrier.close();
		}
		this.health.compareAndSet(KvServerHealth.UP, new KvServerHealth(false, name + ": " + failure.getMessage()));
		LogLoop current = this.log;
		if (current != null) {
			current.stop();
		}
		this.onDown.run();
	}

	/**
	 * Sets who is told, on any thread, when the server goes down, in place of whom was
	 * set before. One that is down already tells at once.
	 */
	void onDown(Runnable listener) {
		this.onDown = listener;
		if (!health().up()) {
			listener.run();
		}
	}

	/**
	 * Tells everybody that the quota was reached; only disarming the alarm undoes that.
	 */
	private void raiseNoSpace() {
		if (!this.alarms.isActive(AlarmType.NOSPACE) && this.raising.compareAndSet(false, true)) {
			logger.warn("The store has reached its quota of {} bytes: an alarm is raised, and writes are refused",
					this.quota.bytesMax());
			AlarmRequest raise = AlarmRequest.newBuilder()
				.setAction(AlarmRequest.AlarmAction.ACTIVATE)
				.setMemberID(this.data.memberId())
				.setAlarm(AlarmType.NOSPACE)
				.build();
			FutureCompletion<AlarmResponse> raised = new FutureCompletion<>(AlarmResponse.class);
			this.log.propose(InternalRaftRequest.newBuilder().setAlarm(raise).build(), raised);
			raised.onDone(() -> this.raising.set(false));
		}
	}

	EngineMetrics metrics() {
		return this.metrics;
	}

	AlarmStore alarms() {
		return this.alarms;
	}

	Membership membership() {
		return this.membership;
	}

	MemberState memberState() {
		return new MemberState(this.store, this.data.storage(), this.data.log(), this.alarms, this.membership,
				this.quota);
	}

	SpaceQuota quota() {
		return this.quota;
	}

	DataStore data() {
		return this.data;
	}

	MvccStore store() {
		return this.store;
	}

	Lessor lessor() {
		return this.lessor;
	}

	AuthParts auth() {
		return this.auth;
	}

	WatchLoop watches() {
		return this.watches;
	}

	LogLoop log() {
		return this.log;
	}

	LocalReadBarrier barrier() {
		return this.barrier;
	}

	ResponseHeaders headers() {
		return this.headers;
	}

	Executor readers() {
		return this.readers;
	}

	/** Makes the JSON of the gateway's streams and of its large answers. */
	GatewayJobs gateway() {
		return this.gateway;
	}

	/** For the few jobs that may take minutes, one after the other. */
	Executor maintenance() {
		return this.maintenance;
	}

	Executor snapshots() {
		return this.snapshots;
	}

	KvRequests requests() {
		return this.requests;
	}

	/** The store with the rights of the present caller. */
	CallerStore callerStore() {
		Access access = this.auth.access();
		return storeOf(access.ofCall(), CallWatchAuthorizer.of(access).get());
	}

	private EmbeddedKvStore storeOf(Credentials caller, WatchAuthorizer authorizer) {
		return new EmbeddedKvStore(this.requests.as(caller), new EmbeddedLeases(this.lessor, this.log, this.headers,
				this.clock, this.quota, this.auth.access(), caller), new EmbeddedWatches(this.watches, authorizer));
	}

	KvStore embedded() {
		return this.embedded;
	}

	/** Whether no answer is to be trusted any more. */
	boolean isBroken() {
		return this.broken;
	}

	KvServerHealth health() {
		return requireNonNull(this.health.get());
	}

	@Override
	public void close() {
		this.closer.close();
	}

}
