package dev.kvserver.server.apply;

import java.util.List;

import dev.kvserver.server.mvcc.EventBatch;
import dev.kvserver.server.mvcc.StoreView;

/**
 * Takes what has happened, for the watchers.
 */
public interface EventSink {

	/**
	 * Hands over the events of a batch that is durable and readable by now. Called on the
	 * apply thread, in order of revisions without gaps; must not block and must not wait
	 * for a watcher.
	 * @param view the store after the batch
	 * @param batches the events, revision by revision; possibly empty, when only the
	 * compact revision has changed
	 */
	void published(StoreView view, List<EventBatch> batches);

}
