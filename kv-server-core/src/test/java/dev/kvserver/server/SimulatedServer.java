package dev.kvserver.server;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.apply.AlarmStore;
import dev.kvserver.server.apply.ApplyLoop;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.apply.ServerState;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.LeaseExpiry;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.LogLimits;
import dev.kvserver.server.log.LogLoop;
import dev.kvserver.server.log.ProposingLeaseRevoker;
import dev.kvserver.server.log.SegmentLog;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.loop.ManualClock;
import dev.kvserver.server.mvcc.CheckpointFile;
import dev.kvserver.server.mvcc.KvHash;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.StoreView;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.SimulatedStorage;
import dev.kvserver.server.watch.WatchAuthorizer;
import dev.kvserver.server.watch.WatchLoop;
import dev.kvserver.server.watch.WatchOptions;
import dev.kvserver.server.watch.WatchSink;
import dev.kvserver.server.watch.WatchStream;

import static java.util.Objects.requireNonNull;

/**
 * Log, apply, store, leases and watches of a server on one thread, over a simulated disk
 * and clock: the same objects in the same order as in {@link Engine}, driven turn by
 * turn.
 */
final class SimulatedServer {

	private static final Path LOG = Path.of("log");

	static final Path DATA = Path.of("/data");

	/** Where the index is saved. */
	static final Path INDEX = DATA.resolve("index");

	/** Few, so that it is saved often. */
	private static final int CHANGES_PER_CHECKPOINT = 6;

	/** Small, so that histories cross segments. */
	private static final long SEGMENT_BYTES = 4 << 10;

	private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

	private final SimulatedStorage storage;

	private final SegmentLog log;

	private final Deque<Runnable> background = new ArrayDeque<>();

	private final MvccStore store;

	private final Lessor lessor = new Lessor(2);

	private final AuthStore auth = new AuthStore(AuthOptions.DEFAULTS.tokenProvider(() -> 0));

	private final ApplyLoop apply;

	private final LogLoop proposer;

	private final LeaseExpiry expiry;

	private final WatchLoop watches;

	private int acknowledged;

	private long lastRevisionSeen;

	SimulatedServer(SimulatedDisk disk, SimulatedStorage storage, boolean fresh) {
		this(disk, storage, fresh, new ManualClock(0), WatchOptions.defaults());
	}

	SimulatedServer(SimulatedDisk disk, SimulatedStorage storage, boolean fresh, Clock clock, WatchOptions options) {
		this.storage = storage;
		disk.createDirectories(LOG);
		disk.createDirectories(DATA);
		this.log = SegmentLog.open(disk, LOG, SEGMENT_BYTES, fresh);
		this.store = MvccStore.open(storage, MvccOptions.defaults(), this.background::add,
				new CheckpointFile(disk, INDEX, CHANGES_PER_CHECKPOINT));
		this.lessor.load(storage);
		this.store.forEachAttached((key, lease) -> this.lessor.attach(lease, key));
		this.lessor.publish();
		this.apply = new ApplyLoop(new ServerState(this.store, this.lessor, AlarmStore.load(storage),
				Membership.load(storage, 2, List.of()), this.auth), 1, 2);
		this.log.replay(this.store.view().appliedIndex(), this.apply::apply);
		this.watches = new WatchLoop(this.store.view(), ResponseHeader::getDefaultInstance, options, clock, 3);
		this.apply.publishTo((view, batches) -> {
			this.lastRevisionSeen = view.revision();
			this.watches.published(view, batches);
		});
		this.proposer = new LogLoop(this.log, this.apply, () -> this.store.view().appliedIndex(), LogLimits.DEFAULTS);
		this.expiry = new LeaseExpiry(this.lessor, clock, new ProposingLeaseRevoker(this.proposer), 2, 2);
	}

	void propose(InternalRaftRequest request) {
		propose(request, new Acknowledgement());
	}

	void propose(InternalRaftRequest request, Completion completion) {
		this.proposer.propose(request, completion);
	}

	/** Commits and applies what waits, and does what the store does in the background. */
	void turn() {
		boolean more = true;
		while (more) {
			while (this.proposer.doWork() + this.apply.doWork() > 0) {
				// Until nothing is left, compaction included.
			}
			more = backgroundTurn() > 0;
		}
	}

	/** One turn of the log; what it commits is applied later. */
	int logTurn() {
		return this.proposer.doWork();
	}

	/**
	 * Runs what the store left for the background; returns whether there was anything.
	 */
	int backgroundTurn() {
		Runnable job = this.background.poll();
		if (job == null) {
			return 0;
		}
		job.run();
		return 1;
	}

	int applyTurn() {
		return this.apply.doWork();
	}

	int expiryTurn() {
		return this.expiry.doWork();
	}

	int watchTurn() {
		return this.watches.doWork();
	}

	WatchStream watch(WatchSink sink) {
		return this.watches.open(sink, WatchAuthorizer.ALLOW_ALL);
	}

	Lessor lessor() {
		return this.lessor;
	}

	StoreView view() {
		return this.store.view();
	}

	RangeResponse all() {
		return range(0, false);
	}

	/** What the retention loop does now and then. */
	void flush() {
		this.log.prepare();
		long index = this.store.view().appliedIndex();
		this.storage.flush();
		this.log.truncateBefore(index + 1);
	}

	/** How many proposals were answered, in their order, other than "stopped". */
	int acknowledged() {
		return this.acknowledged;
	}

	/** The newest revision that a watcher was told of. */
	long lastRevisionSeen() {
		return this.lastRevisionSeen;
	}

	long appliedIndex() {
		return this.store.view().appliedIndex();
	}

	/** Everything a client could find out, as text. */
	String dump() {
		List<String> leases = new ArrayList<>();
		for (long id : this.lessor.idsByRemaining(0)) {
			leases.add(id + "=" + requireNonNull(this.lessor.find(id)).keys().size());
		}
		leases.sort(null);
		// Asked from a new store: this one may remember the hash of a compaction.
		KvHash hash = MvccStore.open(this.storage, MvccOptions.defaults()).hash(0);
		StringBuilder dump = new StringBuilder("revision " + hash.currentRevision() + ", compacted "
				+ hash.compactRevision() + ", hash " + hash.hash() + ", leases " + leases + ", " + range(0, false));
		long last = this.store.view().revision();
		for (long revision = Math.max(1, this.store.view().compactRevision()); revision <= last; revision++) {
			dump.append(revision).append(": ").append(range(revision, true));
		}
		return dump.toString();
	}

	private RangeResponse range(long revision, boolean keysOnly) {
		return this.store
			.range(RangeRequest.newBuilder()
				.setKey(ZERO)
				.setRangeEnd(ZERO)
				.setRevision(revision)
				.setKeysOnly(keysOnly)
				.build())
			.build();
	}

	/** Counts answers; their order is that of the proposals. */
	private final class Acknowledgement implements Completion {

		@Override
		public void done(Message response) {
			SimulatedServer.this.acknowledged++;
		}

		@Override
		public void failed(Throwable failure) {
			if (!(failure instanceof EtcdException refusal && refusal.error() == EtcdError.STOPPED)) {
				SimulatedServer.this.acknowledged++;
			}
		}

	}

}
