package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.mvcc.StoreView;

/**
 * Gives one revision to all synced watchers that want it, one response each. A watcher
 * whose stream does not take it falls behind. Loop thread; the hot path of the package.
 */
final class Delivery {

	private final WatchLoop loop;

	private final WatcherGroup group;

	private final Outbox outbox;

	private final ResponseWriter writer;

	/** Ranges that match in the revision under way. */
	private final List<RangeWatchers> touched = new ArrayList<>();

	Delivery(WatchLoop loop, WatcherGroup group, Outbox outbox, ResponseWriter writer) {
		this.loop = loop;
		this.group = group;
		this.outbox = outbox;
		this.writer = writer;
	}

	void deliver(RevisionEvents revision, StoreView view) {
		List<WatchEvent> events = revision.events();
		if (events.size() == 1) {
			WatchEvent event = events.get(0);
			this.group.match(event.key(), (watchers) -> deliver(watchers, event, view));
			return;
		}
		for (int i = 0; i < events.size(); i++) {
			WatchEvent event = events.get(i);
			this.group.match(event.key(), (watchers) -> gather(watchers, event));
		}
		for (int i = 0; i < this.touched.size(); i++) {
			RangeWatchers watchers = this.touched.get(i);
			deliver(watchers, revision.revision(), view);
			watchers.matches().clear();
		}
		this.touched.clear();
	}

	private void deliver(RangeWatchers watchers, WatchEvent event, StoreView view) {
		for (int i = 0; i < watchers.size(); i++) {
			Watcher watcher = watchers.get(i);
			if (!watcher.takesLive(event)) {
				continue;
			}
			if (this.outbox.isOpen(watcher.stream())) {
				this.writer.event(watcher, event, event.revision(), view);
			}
			else {
				this.loop.fallBehind(watcher, event.revision());
			}
		}
	}

	private void gather(RangeWatchers watchers, WatchEvent event) {
		if (watchers.matches().isEmpty()) {
			this.touched.add(watchers);
		}
		watchers.matches().add(event);
	}

	private void deliver(RangeWatchers watchers, long revision, StoreView view) {
		for (int i = 0; i < watchers.size(); i++) {
			Watcher watcher = watchers.get(i);
			if (!takesAny(watcher, watchers.matches())) {
				continue;
			}
			if (this.outbox.isOpen(watcher.stream())) {
				this.writer.events(watcher, watchers.matches(), revision, revision, view);
			}
			else {
				this.loop.fallBehind(watcher, revision);
			}
		}
	}

	private static boolean takesAny(Watcher watcher, List<WatchEvent> events) {
		for (int i = 0; i < events.size(); i++) {
			if (watcher.takesLive(events.get(i))) {
				return true;
			}
		}
		return false;
	}

}
