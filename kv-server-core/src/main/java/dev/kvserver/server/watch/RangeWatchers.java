package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * All watchers on one and the same range. What matches one of them matches all, so the
 * events of a revision are gathered here once and not for each watcher.
 */
final class RangeWatchers {

	private @Nullable Watcher[] watchers = new Watcher[1];

	private int size;

	/** The events of the revision that is being delivered. */
	private final List<WatchEvent> matches = new ArrayList<>(0);

	void add(Watcher watcher) {
		if (this.size == this.watchers.length) {
			this.watchers = Arrays.copyOf(this.watchers, 2 * this.size);
		}
		watcher.setPlace(this.size);
		this.watchers[this.size] = watcher;
		this.size++;
	}

	/** Removes a watcher; the last one takes its place. */
	void remove(Watcher watcher) {
		int place = watcher.place();
		if (place >= this.size || this.watchers[place] != watcher) {
			throw new IllegalStateException("watcher: " + watcher.id() + " (expected: at " + place + ")");
		}
		this.size--;
		Watcher moved = get(this.size);
		moved.setPlace(place);
		this.watchers[place] = moved;
		this.watchers[this.size] = null;
	}

	int size() {
		return this.size;
	}

	Watcher get(int place) {
		Watcher watcher = this.watchers[place];
		if (watcher == null) {
			throw new IllegalStateException("place: " + place + " (expected: below " + this.size + ")");
		}
		return watcher;
	}

	List<WatchEvent> matches() {
		return this.matches;
	}

}
