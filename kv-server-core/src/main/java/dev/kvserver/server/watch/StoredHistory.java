package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.mvcc.StoreView;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link EventHistory} does not have any more from the store, in bounded
 * chunks of whole revisions. Keeps the last chunk: watchers that start at the same old
 * revision, each on its own stream, then share the read.
 */
final class StoredHistory {

	private final int revisionsMax;

	private final int bytesMax;

	private @Nullable Chunk kept;

	StoredHistory(int revisionsMax, int bytesMax) {
		this.revisionsMax = revisionsMax;
		this.bytesMax = bytesMax;
	}

	/**
	 * Reads changes in order. Blocks on the disk.
	 * @param view the newest view; not compacted above {@code from}
	 * @param from the first revision
	 * @param last the last revision that may be read, at least {@code from}
	 */
	Chunk read(StoreView view, long from, long last) {
		Chunk kept = this.kept;
		if (kept != null && kept.from() <= from && from <= kept.last() && view.compactRevision() <= kept.from()) {
			return kept;
		}
		Reader reader = new Reader();
		view.history(from, last, reader);
		Chunk chunk = reader.chunk(from, last);
		this.kept = chunk;
		return chunk;
	}

	/** Lets go of the chunk that is kept. */
	void forget() {
		this.kept = null;
	}

	/**
	 * A stretch of history.
	 *
	 * @param from the first revision
	 * @param last the last revision that is covered, inclusive
	 * @param revisions those with changes, in order
	 */
	record Chunk(long from, long last, List<RevisionEvents> revisions) {
	}

	/** Puts changes together to revisions until there is enough. */
	private final class Reader implements StoreView.ChangeConsumer {

		private final List<RevisionEvents> revisions = new ArrayList<>();

		private List<WatchEvent> events = new ArrayList<>();

		private long bytes;

		/** The revision that was not read any more, 0 while there is none. */
		private long stoppedAt;

		@Override
		public boolean accept(long main, boolean delete, KeyValue stored) {
			if (!this.events.isEmpty() && this.events.get(0).revision() != main) {
				endRevision();
				if (this.revisions.size() >= StoredHistory.this.revisionsMax
						|| this.bytes >= StoredHistory.this.bytesMax) {
					this.stoppedAt = main;
					return false;
				}
			}
			WatchEvent event = WatchEvent.stored(main, delete, stored);
			this.bytes += event.sizeBytes();
			this.events.add(event);
			return true;
		}

		private void endRevision() {
			this.revisions.add(new RevisionEvents(this.events.get(0).revision(), this.events));
			this.events = new ArrayList<>(1);
		}

		Chunk chunk(long from, long last) {
			if (!this.events.isEmpty()) {
				endRevision();
			}
			return new Chunk(from, (this.stoppedAt > 0) ? this.stoppedAt - 1 : last, this.revisions);
		}

	}

}
