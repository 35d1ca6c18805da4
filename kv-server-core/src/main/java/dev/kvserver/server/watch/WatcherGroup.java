package dev.kvserver.server.watch;

import java.util.function.Consumer;

import dev.kvserver.server.key.KeyRange;

/**
 * All watchers by what they watch, be they synced or behind: a watcher stays in its place
 * from creation to cancellation, so that falling behind and catching up move nothing.
 */
final class WatcherGroup {

	private final RangeIndex<RangeWatchers> index = new RangeIndex<>();

	private int size;

	void add(Watcher watcher) {
		KeyRange range = watcher.range();
		RangeWatchers watchers = this.index.get(range);
		if (watchers == null) {
			watchers = new RangeWatchers();
			this.index.put(range, watchers);
		}
		watchers.add(watcher);
		this.size++;
	}

	void remove(Watcher watcher) {
		RangeWatchers watchers = this.index.get(watcher.range());
		if (watchers == null) {
			throw new IllegalStateException("watched: " + watcher.range() + " (expected: a watcher on it)");
		}
		watchers.remove(watcher);
		this.size--;
		if (watchers.size() == 0) {
			this.index.remove(watcher.range());
		}
	}

	/** Calls for each watched range that contains the key. */
	void match(byte[] key, Consumer<RangeWatchers> consumer) {
		this.index.match(key, consumer);
	}

	int size() {
		return this.size;
	}

	boolean isEmpty() {
		return this.size == 0 && this.index.isEmpty();
	}

}
