package dev.kvserver.server.mvcc;

import java.util.List;

/**
 * All changes of one revision, in order of their sub revision.
 *
 * @param revision the main revision
 * @param events at least one event
 */
public record EventBatch(long revision, List<StoreEvent> events) {

	/**
	 * What the batch keeps in memory, roughly.
	 * @return bytes
	 */
	public int sizeBytes() {
		int size = 0;
		for (int i = 0; i < this.events.size(); i++) {
			size += this.events.get(i).sizeBytes();
		}
		return size;
	}

}
