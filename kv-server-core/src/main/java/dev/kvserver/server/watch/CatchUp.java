package dev.kvserver.server.watch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.mvcc.StoreView;

/**
 * Brings watchers that are behind back to the present, stream by stream in turn, a
 * bounded piece each time, and only where the stream takes it. Loop thread.
 * <p>
 * A round picks those watchers of a stream whose cursors are close together, reads one
 * stretch of history for all of them, and gathers what matches once for each distinct
 * range. Whoever is at the loop's position afterwards is synced. Whoever has fallen below
 * the compact revision is cancelled.
 */
final class CatchUp {

	/** How many watchers of a stream one round looks at. */
	private static final int WATCHERS_PER_ROUND = 512;

	private static final int ROUNDS_PER_TURN = 4;

	private final WatchLoop loop;

	private final Outbox outbox;

	private final ResponseWriter writer;

	private final EventHistory history;

	private final StoredHistory stored;

	private final WatchOptions options;

	private final Deque<WatchStream> waiting = new ArrayDeque<>();

	/** Of the round under way: what matched each range that is watched. */
	private RangeIndex<List<WatchEvent>> matches = new RangeIndex<>();

	CatchUp(WatchLoop loop, Outbox outbox, ResponseWriter writer, EventHistory history, StoredHistory stored,
			WatchOptions options) {
		this.loop = loop;
		this.outbox = outbox;
		this.writer = writer;
		this.history = history;
		this.stored = stored;
		this.options = options;
	}

	/** Notes that a stream may have watchers to bring up. */
	void enqueue(WatchStream stream) {
		if (!stream.isCatchingUp() && !stream.behind().isEmpty()) {
			stream.setCatchingUp(true);
			this.waiting.add(stream);
		}
	}

	/** Does some rounds; returns how many. */
	int run(StoreView view) {
		int rounds = 0;
		while (rounds < ROUNDS_PER_TURN && !this.waiting.isEmpty()) {
			WatchStream stream = this.waiting.remove();
			stream.setCatchingUp(false);
			if (!stream.isEnded() && this.outbox.isOpen(stream)) {
				round(stream, view);
				enqueue(stream);
				rounds++;
			}
		}
		if (this.waiting.isEmpty()) {
			this.stored.forget();
		}
		return rounds;
	}

	private void round(WatchStream stream, StoreView view) {
		List<Watcher> chosen = choose(stream, view);
		if (chosen.isEmpty()) {
			return;
		}
		long from = Long.MAX_VALUE;
		for (int i = 0; i < chosen.size(); i++) {
			from = Math.min(from, chosen.get(i).cursor());
		}
		StoredHistory.Chunk chunk = read(view, from);
		if (this.loop.newest().compactRevision() > from) {
			// Compacted while it was read: parts may be missing. The next round knows.
			this.stored.forget();
			stream.behind().addAll(chosen);
			return;
		}
		gather(chosen, chunk);
		long last = Math.min(chunk.last(), this.loop.position());
		for (int i = 0; i < chosen.size(); i++) {
			bringUp(chosen.get(i), last, view);
		}
		this.matches = new RangeIndex<>();
	}

	/**
	 * Takes watchers out of those behind: the first one and such as are near it. The
	 * others go to the end, those that are over go for good.
	 */
	private List<Watcher> choose(WatchStream stream, StoreView view) {
		List<Watcher> chosen = new ArrayList<>();
		long near = 0;
		for (int i = Math.min(stream.behind().size(), WATCHERS_PER_ROUND); i > 0; i--) {
			Watcher watcher = stream.behind().remove();
			if (watcher.isOver()) {
				continue;
			}
			if (watcher.cursor() < view.compactRevision()) {
				overtaken(watcher, view.compactRevision());
				continue;
			}
			if (chosen.isEmpty()) {
				near = watcher.cursor();
			}
			if (Math.abs(watcher.cursor() - near) < this.options.chunkRevisionsMax()) {
				chosen.add(watcher);
			}
			else {
				stream.behind().add(watcher);
			}
		}
		return chosen;
	}

	/**
	 * Cancels a watcher that a compaction has overtaken. Its id stays taken until the
	 * client cancels it, as in etcd.
	 */
	void overtaken(Watcher watcher, long compactRevision) {
		this.loop.remove(watcher);
		this.writer.control(watcher.stream(),
				WatchResponse.newBuilder()
					.setHeader(this.writer.header(0))
					.setWatchId(watcher.id())
					.setCanceled(true)
					.setCompactRevision(compactRevision)
					.build());
	}

	private StoredHistory.Chunk read(StoreView view, long from) {
		if (this.history.reachesBackTo(from)) {
			List<RevisionEvents> revisions = this.history.read(from, this.options.chunkRevisionsMax(),
					this.options.chunkBytesMax());
			return new StoredHistory.Chunk(from, revisions.get(revisions.size() - 1).revision(), revisions);
		}
		return this.stored.read(view, from, this.loop.position());
	}

	private void gather(List<Watcher> chosen, StoredHistory.Chunk chunk) {
		for (int i = 0; i < chosen.size(); i++) {
			if (this.matches.get(chosen.get(i).range()) == null) {
				this.matches.put(chosen.get(i).range(), new ArrayList<>());
			}
		}
		for (RevisionEvents revision : chunk.revisions()) {
			if (revision.revision() > this.loop.position()) {
				return;
			}
			for (WatchEvent event : revision.events()) {
				this.matches.match(event.key(), (found) -> found.add(event));
			}
		}
	}

	private void bringUp(Watcher watcher, long last, StoreView view) {
		WatchStream stream = watcher.stream();
		List<WatchEvent> rest = behindCursor(watcher);
		while (last >= watcher.cursor() && this.outbox.isOpen(stream)) {
			int count = rest.isEmpty() ? 0 : this.writer.fitting(watcher, rest, this.loop.position(), view);
			this.writer.events(watcher, rest.subList(0, count), watcher.cursor(), this.loop.position(), view);
			watcher.advance((count < rest.size()) ? rest.get(count).revision() : last + 1);
			rest = rest.subList(count, rest.size());
		}
		if (watcher.cursor() > this.loop.position()) {
			this.loop.synced(watcher);
		}
		else {
			stream.behind().add(watcher);
		}
	}

	private List<WatchEvent> behindCursor(Watcher watcher) {
		List<WatchEvent> found = this.matches.get(watcher.range());
		if (found == null) {
			return List.of();
		}
		int first = 0;
		while (first < found.size() && found.get(first).revision() < watcher.cursor()) {
			first++;
		}
		return found.subList(first, found.size());
	}

}
