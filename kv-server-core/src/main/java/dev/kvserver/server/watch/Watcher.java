package dev.kvserver.server.watch;

import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest.FilterType;
import dev.kvserver.server.key.KeyRange;

/**
 * One watcher: what it wants and how far it is. Loop thread.
 * <p>
 * A synced watcher takes every event of its range from {@link #liveFrom} on as it
 * happens. One that is behind takes none ({@code liveFrom} is unreachable) but reads
 * history from its cursor until it has caught up: that cursor is all that a slow watcher
 * costs.
 */
final class Watcher {

	private static final long NEVER = Long.MAX_VALUE;

	private final WatchStream stream;

	private final long id;

	private final KeyRange range;

	private final long startRevision;

	private final boolean noPuts;

	private final boolean noDeletes;

	private final boolean previous;

	private final boolean fragment;

	private final boolean progress;

	/** The first revision to take when it happens; never for one that is behind. */
	private long liveFrom;

	/** The first revision not sent; of no meaning while synced. */
	private long cursor;

	/** Cancelled, or overtaken by a compaction. */
	private boolean over;

	/** Nothing was sent since the last progress tick. */
	private boolean idle = true;

	/** Its place among the watchers of its range. */
	private int place;

	Watcher(WatchStream stream, long id, KeyRange range, WatchCreateRequest request) {
		this.stream = stream;
		this.id = id;
		this.range = range;
		this.startRevision = request.getStartRevision();
		this.noPuts = request.getFiltersList().contains(FilterType.NOPUT);
		this.noDeletes = request.getFiltersList().contains(FilterType.NODELETE);
		this.previous = request.getPrevKv();
		this.fragment = request.getFragment();
		this.progress = request.getProgressNotify();
	}

	WatchStream stream() {
		return this.stream;
	}

	long id() {
		return this.id;
	}

	KeyRange range() {
		return this.range;
	}

	long startRevision() {
		return this.startRevision;
	}

	boolean wantsPrevious() {
		return this.previous;
	}

	boolean wantsFragments() {
		return this.fragment;
	}

	boolean wantsProgress() {
		return this.progress;
	}

	/** Whether an event of its range passes its filters. */
	boolean accepts(WatchEvent event) {
		return event.isDelete() ? !this.noDeletes : !this.noPuts;
	}

	/** Whether an event of its range that happens now is for it. */
	boolean takesLive(WatchEvent event) {
		return event.revision() >= this.liveFrom && accepts(event);
	}

	boolean isSynced() {
		return this.liveFrom != NEVER;
	}

	/** The first revision it has not been sent. Only while behind. */
	long cursor() {
		return this.cursor;
	}

	void advance(long nextRevision) {
		this.cursor = Math.max(this.cursor, nextRevision);
	}

	void fallBehind(long nextRevision) {
		this.cursor = nextRevision;
		this.liveFrom = NEVER;
	}

	void becomeSynced(long fromRevision) {
		this.liveFrom = fromRevision;
	}

	/** The first revision it would take live, for a synced watcher. */
	long liveFrom() {
		return this.liveFrom;
	}

	boolean isOver() {
		return this.over;
	}

	void end() {
		this.over = true;
		this.liveFrom = NEVER;
	}

	void noteSent() {
		this.idle = false;
	}

	/** Whether nothing was sent since the last call. */
	boolean takeIdle() {
		boolean wasIdle = this.idle;
		this.idle = true;
		return wasIdle;
	}

	int place() {
		return this.place;
	}

	void setPlace(int place) {
		this.place = place;
	}

}
