package dev.kvserver.server.watch;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.kvserver.proto.etcdserverpb.WatchRequest;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream of watch requests and responses: any number of watchers, told apart
 * by their ids. The public methods may be called by any thread and never block; they
 * leave a note for the loop, which owns all the rest.
 */
public final class WatchStream {

	private final long number;

	private final WatchSink sink;

	private final WatchAuthorizer authorizer;

	private final Consumer<WatchStream> signal;

	/** Bounded by the sink, which accepts no more than what was handled. */
	private final Queue<WatchRequest> inbox = new ConcurrentLinkedQueue<>();

	private final AtomicBoolean signalled = new AtomicBoolean();

	private volatile boolean readySignal;

	private volatile boolean closeSignal;

	/* From here on the loop's. */

	private final Map<Long, Watcher> watchers = new HashMap<>();

	private final Deque<WatchRequest> requests = new ArrayDeque<>();

	private final Deque<Watcher> behind = new ArrayDeque<>();

	private long nextId;

	/** The loop must have got here before it looks at the requests. */
	private long requestsAfter;

	private boolean blocked;

	private boolean ended;

	private boolean catchingUp;

	private boolean serving;

	private @Nullable ResponseBatch batch;

	private long progressInterval;

	private long progressDeadline;

	WatchStream(long number, WatchSink sink, WatchAuthorizer authorizer, Consumer<WatchStream> signal) {
		this.number = number;
		this.sink = sink;
		this.authorizer = authorizer;
		this.signal = signal;
	}

	/**
	 * Takes a request of the client. They are handled in order, once the sink is ready.
	 * @param request the request
	 */
	public void request(WatchRequest request) {
		this.inbox.add(request);
		signal();
	}

	/**
	 * Tells that the sink is ready again.
	 */
	public void ready() {
		this.readySignal = true;
		signal();
	}

	/**
	 * Tells that the client is gone; all watchers of the stream end. May be called more
	 * than once.
	 */
	public void close() {
		this.closeSignal = true;
		signal();
	}

	void signal() {
		if (this.signalled.compareAndSet(false, true)) {
			this.signal.accept(this);
		}
	}

	/**
	 * Takes what other threads have left; returns how many requests there were. Whatever
	 * comes after the flag is down signals anew.
	 */
	int takeSignals() {
		this.signalled.set(false);
		if (this.readySignal) {
			this.readySignal = false;
			this.blocked = false;
		}
		int taken = 0;
		for (WatchRequest request = this.inbox.poll(); request != null; request = this.inbox.poll()) {
			this.requests.add(request);
			taken++;
		}
		return taken;
	}

	boolean isCloseSignalled() {
		return this.closeSignal;
	}

	/** Tells streams of a loop apart. */
	long number() {
		return this.number;
	}

	WatchSink sink() {
		return this.sink;
	}

	WatchAuthorizer authorizer() {
		return this.authorizer;
	}

	Deque<WatchRequest> requests() {
		return this.requests;
	}

	long requestsAfter() {
		return this.requestsAfter;
	}

	void setRequestsAfter(long revision) {
		this.requestsAfter = revision;
	}

	/** The smallest number from the last automatic id on that is no id in use. */
	long newId() {
		while (this.watchers.containsKey(this.nextId)) {
			this.nextId++;
		}
		long id = this.nextId;
		this.nextId++;
		return id;
	}

	@Nullable Watcher watcher(long id) {
		return this.watchers.get(id);
	}

	void add(Watcher watcher) {
		this.watchers.put(watcher.id(), watcher);
	}

	@Nullable Watcher remove(long id) {
		return this.watchers.remove(id);
	}

	Collection<Watcher> watchers() {
		return this.watchers.values();
	}

	/** Watchers that are behind, and some that are over and not yet taken out. */
	Deque<Watcher> behind() {
		return this.behind;
	}

	boolean isBlocked() {
		return this.blocked;
	}

	void setBlocked(boolean blocked) {
		this.blocked = blocked;
	}

	boolean isEnded() {
		return this.ended;
	}

	void end() {
		this.ended = true;
		this.watchers.clear();
		this.behind.clear();
		this.requests.clear();
		this.batch = null;
	}

	/** Whether it waits for its turn to catch up. */
	boolean isCatchingUp() {
		return this.catchingUp;
	}

	void setCatchingUp(boolean catchingUp) {
		this.catchingUp = catchingUp;
	}

	/** Whether it waits for its turn to have requests handled. */
	boolean isServing() {
		return this.serving;
	}

	void setServing(boolean serving) {
		this.serving = serving;
	}

	@Nullable ResponseBatch batch() {
		return this.batch;
	}

	void setBatch(@Nullable ResponseBatch batch) {
		this.batch = batch;
	}

	/** Nanoseconds between two looks for idle watchers, 0 while nobody asked for it. */
	long progressInterval() {
		return this.progressInterval;
	}

	long progressDeadline() {
		return this.progressDeadline;
	}

	void setProgress(long intervalNanos, long deadlineNanos) {
		this.progressInterval = intervalNanos;
		this.progressDeadline = deadlineNanos;
	}

}
