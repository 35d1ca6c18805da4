package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.apply.EventSink;
import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.loop.Clock;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.metrics.WatchMetrics;
import dev.kvserver.server.mvcc.EventBatch;
import dev.kvserver.server.mvcc.StoreView;

/**
 * Delivers what happens in the store to all watchers. One thread owns streams, watchers
 * and their index, so there is no lock and no searching where a watcher is now.
 * <p>
 * etcd keeps responses for a watcher that does not read, and beside them a list of
 * victims whose channels are full. Here a stream that is not ready gets nothing: each of
 * its watchers that misses an event keeps the revision of that event as its cursor, and
 * reads on from there when the stream is ready again ({@link CatchUp}). A slow client
 * costs a number for each of its watchers and nobody's time.
 * <p>
 * A turn, in this order: notes of other threads; new revisions to watchers that are
 * synced; requests; watchers that are behind; progress. {@link #position()} is the last
 * revision that every synced watcher has been given, and the current revision in every
 * answer. Answers to etcd's {@code mvcc/watchable_store.go} and {@code v3rpc/watch.go}.
 */
public final class WatchLoop implements Agent, EventSink {

	private static final int REVISIONS_PER_TURN = 128;

	private final EventQueue queue;

	private final Clock clock;

	private final WatchMetrics metrics = WatchMetrics.create();

	private final EventHistory history;

	private final StoredHistory stored;

	private final Outbox outbox;

	private final ResponseWriter writer;

	private final WatcherGroup group = new WatcherGroup();

	private final Delivery delivery;

	private final WatchRequests requests;

	private final CatchUp catchUp;

	private final ProgressTicks ticks;

	private final Set<WatchStream> streams = new LinkedHashSet<>();

	/** Streams that left requests in this turn. */
	private final List<WatchStream> asking = new ArrayList<>();

	private final Queue<WatchStream> signals = new ConcurrentLinkedQueue<>();

	private final AtomicLong streamNumbers = new AtomicLong();

	private long position;

	private int behind;

	private long gapRevisions;

	private volatile WatchStats stats = WatchStats.NONE;

	private volatile boolean closed;

	private volatile Runnable wakeUp = () -> {
	};

	/**
	 * Makes the loop on the store as it is; every later view must be {@link #published}.
	 * @param view the newest view
	 * @param header what response headers have besides the revision; called often, on the
	 * loop's thread, and best the same object as long as nothing changes
	 * @param options the bounds
	 * @param clock for progress notifications
	 * @param seed for their jitter
	 */
	public WatchLoop(StoreView view, Supplier<ResponseHeader> header, WatchOptions options, Clock clock, long seed) {
		this.queue = new EventQueue(options.queueRevisionsMax(), options.queueBytesMax(), view);
		this.position = view.revision();
		this.clock = clock;
		this.history = new EventHistory(options.historyEventsMax(), options.historyBytesMax());
		this.stored = new StoredHistory(options.chunkRevisionsMax(), options.chunkBytesMax());
		this.outbox = new Outbox(options.batchBytesMax(), this.metrics);
		this.writer = new ResponseWriter(header, options.responseBytesMax(), options.fragmentBytes(), this.outbox,
				this.metrics);
		this.delivery = new Delivery(this, this.group, this.outbox, this.writer);
		this.requests = new WatchRequests(this, this.outbox, this.writer);
		this.catchUp = new CatchUp(this, this.outbox, this.writer, this.history, this.stored, options);
		this.ticks = new ProgressTicks(options.progressIntervalNanos(), seed);
	}

	/**
	 * Sets what wakes the thread that runs this loop. Before anything else is called.
	 * @param wakeUp called on any thread when there is something to do
	 */
	public void onWork(Runnable wakeUp) {
		this.wakeUp = wakeUp;
	}

	@Override
	public void published(StoreView view, List<EventBatch> batches) {
		if (this.queue.offer(view, batches)) {
			this.wakeUp.run();
		}
	}

	/**
	 * Makes a stream. The loop, and so the sink, first hears of it when one of the
	 * stream's methods is called. Any thread; does not block.
	 * @param sink takes its responses
	 * @param authorizer knows what its caller may watch
	 * @return the stream, without watchers; if the loop has ended, it ends with its first
	 * note
	 */
	public WatchStream open(WatchSink sink, WatchAuthorizer authorizer) {
		return new WatchStream(this.streamNumbers.incrementAndGet(), sink, authorizer, this::signalled);
	}

	private void signalled(WatchStream stream) {
		this.signals.add(stream);
		this.wakeUp.run();
		if (this.closed && this.signals.remove(stream)) {
			endUnowned(stream);
		}
	}

	/**
	 * What there is to tell about the loop. Any thread.
	 * @return the numbers, some turns old at most
	 */
	public WatchStats stats() {
		return this.stats;
	}

	/**
	 * What is counted here, besides {@link #stats()}.
	 * @return the metrics
	 */
	public WatchMetrics metrics() {
		return this.metrics;
	}

	@Override
	public int doWork() {
		int work = takeSignals();
		StoreView target = this.queue.newest();
		queueRequests(target);
		work += deliver(target);
		work += this.requests.handle();
		work += this.catchUp.run(target);
		work += tick();
		this.outbox.sendAll();
		if (work > 0) {
			publishStats();
		}
		return work;
	}

	private int tick() {
		long begin = Histogram.begin();
		int due = this.ticks.run(this.clock.nanoTime(), this.position, this.outbox, this.writer);
		if (due > 0) {
			this.metrics.progress().observe((Histogram.begin() - begin) / due, due);
		}
		return due;
	}

	@Override
	public long idleNanos() {
		return this.ticks.idleNanos(this.clock.nanoTime());
	}

	@Override
	public void onClose() {
		for (WatchStream stream : List.copyOf(this.streams)) {
			end(stream);
		}
		// After all known streams have ended, so that none ends twice.
		this.closed = true;
		for (WatchStream stream = this.signals.poll(); stream != null; stream = this.signals.poll()) {
			endUnowned(stream);
		}
		publishStats();
	}

	/**
	 * Takes notes of other threads. This comes before the newest view is read: whatever
	 * had been published when a request was sent is then part of that view.
	 */
	private int takeSignals() {
		int taken = 0;
		for (WatchStream stream = this.signals.poll(); stream != null; stream = this.signals.poll()) {
			taken++;
			if (stream.isEnded()) {
				continue;
			}
			this.streams.add(stream);
			if (stream.takeSignals() > 0) {
				this.asking.add(stream);
			}
			if (stream.isCloseSignalled()) {
				end(stream);
				continue;
			}
			this.requests.enqueue(stream);
			this.catchUp.enqueue(stream);
		}
		this.queue.setWatched(!this.streams.isEmpty());
		return taken;
	}

	private void queueRequests(StoreView target) {
		for (int i = 0; i < this.asking.size(); i++) {
			this.asking.get(i).setRequestsAfter(target.revision());
		}
		this.asking.clear();
	}

	/** Delivers what is new, at most up to a view; returns how many revisions. */
	private int deliver(StoreView target) {
		if (this.group.isEmpty()) {
			skip(target);
		}
		int delivered = 0;
		while (this.position < target.revision() && delivered < REVISIONS_PER_TURN) {
			EventBatch batch = this.queue.peek();
			if (batch != null && batch.revision() <= this.position + 1) {
				this.queue.remove(batch);
				if (batch.revision() > this.position) {
					deliver(RevisionEvents.of(batch), target);
					delivered++;
				}
				continue;
			}
			long last = (batch != null) ? Math.min(batch.revision() - 1, target.revision()) : target.revision();
			if (!repair(last, target)) {
				return delivered + 1;
			}
			delivered++;
		}
		return delivered;
	}

	/** Nobody watches: whoever comes reads history from the store. */
	private void skip(StoreView target) {
		this.position = Math.max(this.position, target.revision());
		for (EventBatch batch = this.queue.peek(); batch != null
				&& batch.revision() <= this.position; batch = this.queue.peek()) {
			this.queue.remove(batch);
		}
	}

	private void deliver(RevisionEvents revision, StoreView view) {
		this.history.append(revision);
		this.delivery.deliver(revision, view);
		this.position = revision.revision();
	}

	/**
	 * Reads revisions from the store that did not fit into the queue, a chunk at a time.
	 * Returns whether that was possible: a compaction may pass by meanwhile.
	 */
	private boolean repair(long last, StoreView view) {
		long from = this.position + 1;
		if (from < view.compactRevision()) {
			this.position = Math.min(view.compactRevision() - 1, last);
			overtakeBelow(view.compactRevision(), from);
			return true;
		}
		StoredHistory.Chunk chunk = this.stored.read(view, from, last);
		if (newest().compactRevision() > from) {
			this.stored.forget();
			return false;
		}
		for (RevisionEvents revision : chunk.revisions()) {
			if (revision.revision() >= from && revision.revision() <= last) {
				deliver(revision, view);
			}
		}
		this.position = Math.min(chunk.last(), last);
		this.gapRevisions += this.position + 1 - from;
		return true;
	}

	/** Nobody knows what the watchers have missed, so all that were synced are told. */
	private void overtakeBelow(long compactRevision, long from) {
		for (WatchStream stream : this.streams) {
			for (Watcher watcher : stream.watchers()) {
				if (watcher.isSynced() && watcher.liveFrom() < compactRevision) {
					fallBehind(watcher, Math.max(watcher.liveFrom(), from));
				}
			}
			this.catchUp.enqueue(stream);
		}
	}

	/** The last revision that synced watchers have been given. Loop thread. */
	long position() {
		return this.position;
	}

	/** The newest view, possibly ahead of the position. */
	StoreView newest() {
		return this.queue.newest();
	}

	/** Takes in a new watcher; its {@code created} answer has been written. */
	void add(Watcher watcher) {
		WatchStream stream = watcher.stream();
		stream.add(watcher);
		this.group.add(watcher);
		long start = watcher.startRevision();
		if (start == 0 || start > this.position) {
			watcher.becomeSynced(Math.max(start, this.position + 1));
		}
		else {
			fallBehind(watcher, start);
			this.catchUp.enqueue(stream);
		}
		if (watcher.wantsProgress()) {
			this.ticks.add(stream, this.clock.nanoTime());
		}
	}

	/** Lets go of a watcher, unless that was done before. */
	void remove(Watcher watcher) {
		if (watcher.isOver()) {
			return;
		}
		if (!watcher.isSynced()) {
			this.behind--;
		}
		watcher.end();
		this.group.remove(watcher);
	}

	/** Makes a watcher read history from a revision on, when its stream is ready. */
	void fallBehind(Watcher watcher, long revision) {
		watcher.fallBehind(revision);
		watcher.stream().behind().add(watcher);
		this.behind++;
	}

	/** Notes that a watcher has caught up. */
	void synced(Watcher watcher) {
		watcher.becomeSynced(watcher.cursor());
		this.behind--;
	}

	private void end(WatchStream stream) {
		for (Watcher watcher : stream.watchers()) {
			remove(watcher);
		}
		this.ticks.remove(stream);
		this.streams.remove(stream);
		stream.end();
		stream.sink().ended();
	}

	private static void endUnowned(WatchStream stream) {
		if (!stream.isEnded()) {
			stream.end();
			stream.sink().ended();
		}
	}

	private void publishStats() {
		this.stats = new WatchStats(this.streams.size(), this.group.size(), this.behind, this.writer.eventCount(),
				this.writer.responseCount(), this.gapRevisions, this.position);
	}

	/** Whether nothing is kept any more for streams that have ended. */
	boolean isEmpty() {
		return this.streams.isEmpty() && this.group.isEmpty() && this.ticks.isEmpty() && this.behind == 0;
	}

}
