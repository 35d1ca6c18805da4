package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.mvcc.EventBatch;
import dev.kvserver.server.mvcc.StoreEvent;

/**
 * All changes of one revision, in order.
 *
 * @param revision the main revision
 * @param events at least one
 */
record RevisionEvents(long revision, List<WatchEvent> events) {

	static RevisionEvents of(EventBatch batch) {
		List<StoreEvent> fresh = batch.events();
		List<WatchEvent> events = new ArrayList<>(fresh.size());
		for (int i = 0; i < fresh.size(); i++) {
			events.add(WatchEvent.fresh(batch.revision(), fresh.get(i)));
		}
		return new RevisionEvents(batch.revision(), events);
	}

	/** What they take in memory, roughly. */
	long sizeBytes() {
		long size = 0;
		for (int i = 0; i < this.events.size(); i++) {
			size += this.events.get(i).sizeBytes();
		}
		return size;
	}

}
