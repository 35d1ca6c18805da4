package dev.kvserver.server.watch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.metrics.WatchMetrics;

/**
 * Gathers the responses of each stream, so that a sink gets many at once: all of a turn,
 * or as soon as there are enough. Nothing stays here beyond a turn. Loop thread.
 */
final class Outbox {

	/** How many streams may have an open batch; then all are sent. */
	private static final int OPEN_MAX = 256;

	private final int batchBytesMax;

	private final WatchMetrics metrics;

	/** Streams with an open batch, some of which may have been sent since. */
	private final List<WatchStream> open = new ArrayList<>();

	private final Deque<ResponseBatch> spare = new ArrayDeque<>();

	Outbox(int batchBytesMax, WatchMetrics metrics) {
		this.batchBytesMax = batchBytesMax;
		this.metrics = metrics;
	}

	/**
	 * Whether a stream takes responses now. Once it does not, it is asked again only
	 * after it said that it is ready.
	 */
	boolean isOpen(WatchStream stream) {
		if (stream.isBlocked()) {
			return false;
		}
		if (stream.batch() == null && !stream.sink().isReady()) {
			stream.setBlocked(true);
			return false;
		}
		return true;
	}

	/** Where to write the next response of a stream. */
	ResponseBatch batch(WatchStream stream) {
		ResponseBatch batch = stream.batch();
		if (batch != null) {
			return batch;
		}
		if (this.open.size() >= OPEN_MAX) {
			sendAll();
		}
		ResponseBatch taken = this.spare.poll();
		ResponseBatch fresh = (taken != null) ? taken : new ResponseBatch();
		stream.setBatch(fresh);
		this.open.add(stream);
		return fresh;
	}

	/** To be called after each response written. */
	void written(WatchStream stream, ResponseBatch batch) {
		if (batch.sizeBytes() >= this.batchBytesMax) {
			send(stream);
		}
	}

	/** Sends what a stream has. */
	void send(WatchStream stream) {
		ResponseBatch batch = stream.batch();
		if (batch == null) {
			return;
		}
		stream.setBatch(null);
		if (batch.count() > 0) {
			long begin = Histogram.begin();
			stream.sink().send(batch);
			long share = (Histogram.begin() - begin) / batch.count();
			this.metrics.sent(share, batch.withEvents(), batch.eventCount());
			this.metrics.control().observe(share, (long) batch.count() - batch.withEvents() - batch.untimed());
		}
		batch.clear();
		if (this.spare.size() < OPEN_MAX) {
			this.spare.add(batch);
		}
	}

	/** Sends what all streams have. */
	void sendAll() {
		for (int i = 0; i < this.open.size(); i++) {
			send(this.open.get(i));
		}
		this.open.clear();
	}

}
