package dev.kvserver.conformance.kill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import org.jspecify.annotations.Nullable;

/**
 * A watcher of all keys that, like a client, goes on after the last revision it has seen
 * when the server comes back.
 */
final class Follower implements AutoCloseable {

	private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final List<Event> events = new ArrayList<>();

	private long lastRevision;

	private @Nullable WatchConnection watch;

	/**
	 * Begins behind a revision.
	 * @param lastRevision the last revision that is known already
	 */
	Follower(long lastRevision) {
		this.lastRevision = lastRevision;
	}

	/** Watches on from the last revision that was seen. */
	void resume(Connection connection) {
		takeArrived();
		WatchConnection opened = new WatchConnection(connection.channel());
		opened.create(WatchCreateRequest.newBuilder()
			.setKey(ALL)
			.setRangeEnd(ALL)
			.setStartRevision(this.lastRevision + 1)
			.build());
		if (opened.await(WatchResponse::getCreated, 1, TIMEOUT) == null) {
			throw new AssertionError("No watcher was created: " + opened.end());
		}
		this.watch = opened;
	}

	/** Blocks until the events of a revision are here. */
	void awaitRevision(long revision) {
		takeArrived();
		if (this.lastRevision < revision && this.watch != null) {
			WatchResponse last = this.watch.await((response) -> lastRevision(response) >= revision, 1, TIMEOUT);
			takeArrived();
			if (last == null) {
				throw new AssertionError("Revision " + revision + " does not come after " + this.lastRevision);
			}
		}
	}

	/** Takes the events that were seen since the last time, each once, in order. */
	List<Event> takeEvents() {
		takeArrived();
		List<Event> taken = List.copyOf(this.events);
		this.events.clear();
		return taken;
	}

	@Override
	public void close() {
		if (this.watch != null) {
			this.watch.close();
		}
	}

	private void takeArrived() {
		if (this.watch == null) {
			return;
		}
		for (WatchResponse response : this.watch.take((any) -> true)) {
			if (response.getCanceled()) {
				throw new AssertionError("Watcher was canceled: " + response);
			}
			for (Event event : response.getEventsList()) {
				this.events.add(event);
			}
			this.lastRevision = Math.max(this.lastRevision, lastRevision(response));
		}
	}

	private static long lastRevision(WatchResponse response) {
		int events = response.getEventsCount();
		return (events == 0) ? 0 : response.getEvents(events - 1).getKv().getModRevision();
	}

}
