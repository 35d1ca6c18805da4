package dev.kvserver.server.watch;

import java.util.ArrayDeque;
import java.util.Deque;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Handles what clients ask for: create, cancel and progress requests of each stream in
 * their order (etcd-contract section 2.9). Loop thread.
 * <p>
 * A stream's requests wait while its sink is not ready, so that a client that asks but
 * does not read gets no further than the sink's bound. They also wait until the loop has
 * delivered every revision that was published before they arrived: the revision in an
 * answer is then never lower than one the client has seen elsewhere, and a progress
 * answer covers it.
 */
final class WatchRequests {

	/** The id of answers that are about no watcher or about all. */
	static final long NO_ID = -1;

	private static final String EMPTY_RANGE = "mvcc: watcher range is empty";

	private static final String DUPLICATE_ID = "mvcc: duplicate watch ID provided on the WatchStream";

	private static final ByteString SMALLEST_KEY = ByteString.copyFrom(new byte[1]);

	private final WatchLoop loop;

	private final Outbox outbox;

	private final ResponseWriter writer;

	private final Deque<WatchStream> waiting = new ArrayDeque<>();

	WatchRequests(WatchLoop loop, Outbox outbox, ResponseWriter writer) {
		this.loop = loop;
		this.outbox = outbox;
		this.writer = writer;
	}

	/** Notes that a stream may have requests to handle. */
	void enqueue(WatchStream stream) {
		if (!stream.isServing() && !stream.requests().isEmpty()) {
			stream.setServing(true);
			this.waiting.add(stream);
		}
	}

	/** Handles what can be handled now; returns how many requests that were. */
	int handle() {
		int handled = 0;
		for (int i = this.waiting.size(); i > 0; i--) {
			WatchStream stream = this.waiting.remove();
			stream.setServing(false);
			if (!stream.isEnded()) {
				handled += handle(stream);
			}
		}
		return handled;
	}

	private int handle(WatchStream stream) {
		if (this.loop.position() < stream.requestsAfter()) {
			enqueue(stream);
			return 0;
		}
		int handled = 0;
		while (!stream.requests().isEmpty() && this.outbox.isOpen(stream)) {
			handle(stream, stream.requests().remove());
			handled++;
		}
		if (handled > 0) {
			stream.sink().handled(handled);
		}
		return handled;
	}

	private void handle(WatchStream stream, WatchRequest request) {
		switch (request.getRequestUnionCase()) {
			case CREATE_REQUEST -> create(stream, request.getCreateRequest());
			case CANCEL_REQUEST -> cancel(stream, request.getCancelRequest().getWatchId());
			case PROGRESS_REQUEST -> progress(stream);
			case REQUESTUNION_NOT_SET -> {
				// A kind of request from the future, which etcd ignores as well.
			}
		}
	}

	private void create(WatchStream stream, WatchCreateRequest request) {
		ByteString key = request.getKey().isEmpty() ? SMALLEST_KEY : request.getKey();
		KeyRange range = KeyRange.of(key, request.getRangeEnd());
		String refusal = refusal(stream, request, range);
		WatchResponse.Builder created = WatchResponse.newBuilder()
			.setHeader(this.writer.header(this.loop.position()))
			.setCreated(true);
		if (refusal != null) {
			created.setWatchId(NO_ID).setCanceled(true).setCancelReason(refusal);
			this.writer.control(stream, created.build());
			return;
		}
		long id = (request.getWatchId() != 0) ? request.getWatchId() : stream.newId();
		this.writer.control(stream, created.setWatchId(id).build());
		this.loop.add(new Watcher(stream, id, range, request));
	}

	private static @Nullable String refusal(WatchStream stream, WatchCreateRequest request, KeyRange range) {
		if (request.getStartRevision() < 0) {
			return EtcdError.COMPACTED.text();
		}
		String notAllowed = stream.authorizer().refusal(range);
		if (notAllowed != null) {
			return notAllowed;
		}
		if (range.isEmpty()) {
			return EMPTY_RANGE;
		}
		boolean taken = request.getWatchId() != 0 && stream.watcher(request.getWatchId()) != null;
		return taken ? DUPLICATE_ID : null;
	}

	/** An unknown id gets no answer; one that a compaction has ended already gets one. */
	private void cancel(WatchStream stream, long id) {
		Watcher watcher = stream.remove(id);
		if (watcher == null) {
			return;
		}
		this.loop.remove(watcher);
		this.writer.control(stream,
				WatchResponse.newBuilder()
					.setHeader(this.writer.header(this.loop.position()))
					.setWatchId(id)
					.setCanceled(true)
					.build());
	}

	/** Dropped, not kept for later, unless every watcher has got everything. */
	private void progress(WatchStream stream) {
		long position = this.loop.position();
		if (stream.watchers().isEmpty()) {
			return;
		}
		for (Watcher watcher : stream.watchers()) {
			if (!watcher.isSynced() || watcher.startRevision() > position) {
				return;
			}
		}
		this.writer.control(stream,
				WatchResponse.newBuilder().setHeader(this.writer.header(position)).setWatchId(NO_ID).build());
	}

}
