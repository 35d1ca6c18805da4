package dev.kvserver.server.watch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchCancelRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Checks everything that one stream gets against what has really happened.
 */
final class ModelClient {

	final WatchFixture.Client client;

	private final ModelHistory history;

	private final Deque<WatchCreateRequest> asked = new ArrayDeque<>();

	private final Map<Long, ModelWatcher> watchers = new HashMap<>();

	/** Cancelled by us, answer not seen. */
	private final Map<Long, ModelWatcher> leaving = new HashMap<>();

	private int progressCount;

	private int overtakenCount;

	ModelClient(WatchFixture fixture, ModelHistory history) {
		this.client = fixture.client();
		this.history = history;
	}

	void create(WatchCreateRequest.Builder request) {
		this.client.send(request);
		this.asked.add(request.build());
	}

	/** Looks at everything that has come since the last call. */
	void check() {
		for (WatchResponse response : this.client.sink.take()) {
			check(response);
		}
	}

	private void check(WatchResponse response) {
		assertThat(response.getHeader().getClusterId()).isEqualTo(WatchFixture.HEADER.getClusterId());
		assertThat(response.getHeader().getRevision()).isLessThanOrEqualTo(this.history.revision());
		if (response.getCreated()) {
			created(response);
		}
		else if (response.getCanceled()) {
			cancelled(response);
		}
		else if (response.getEventsCount() > 0) {
			watcher(response).events(response);
		}
		else {
			progress(response);
		}
	}

	private ModelWatcher watcher(WatchResponse response) {
		ModelWatcher watcher = this.watchers.get(response.getWatchId());
		assertThat(watcher).as("watcher of %s", response).isNotNull();
		return watcher;
	}

	private void created(WatchResponse response) {
		WatchCreateRequest request = this.asked.remove();
		boolean duplicate = request.getWatchId() != 0 && this.watchers.containsKey(request.getWatchId());
		boolean refused = duplicate || request.getStartRevision() < 0;
		assertThat(response.getCanceled()).as("%s", response).isEqualTo(refused);
		if (refused) {
			assertThat(response.getWatchId()).isEqualTo(-1);
			return;
		}
		if (request.getWatchId() != 0) {
			assertThat(response.getWatchId()).isEqualTo(request.getWatchId());
		}
		long start = (request.getStartRevision() > 0) ? request.getStartRevision()
				: response.getHeader().getRevision() + 1;
		ModelWatcher before = this.watchers.put(response.getWatchId(), new ModelWatcher(request, start, this.history));
		assertThat(before).as("a second watcher %s", response.getWatchId()).isNull();
	}

	private void cancelled(WatchResponse response) {
		long id = response.getWatchId();
		if (response.getCompactRevision() == 0) {
			assertThat(this.leaving.remove(id)).as("cancel of %s", id).isNotNull();
			this.watchers.remove(id);
			return;
		}
		assertThat(response.getHeader().getRevision()).isZero();
		assertThat(response.getCancelReason()).isEmpty();
		watcher(response).overtaken(response.getCompactRevision());
		this.overtakenCount++;
	}

	private void progress(WatchResponse response) {
		this.progressCount++;
		long revision = response.getHeader().getRevision();
		if (response.getWatchId() != -1) {
			watcher(response).progress(revision);
			return;
		}
		assertThat(this.watchers).isNotEmpty();
		this.watchers.values().forEach((watcher) -> watcher.progress(revision));
	}

	/** Asks for the end of some watcher, if there is one. */
	void cancel(int choice) {
		List<Long> ids = new ArrayList<>(this.watchers.keySet());
		ids.removeAll(this.leaving.keySet());
		if (!ids.isEmpty()) {
			long id = ids.get(choice % ids.size());
			ModelWatcher watcher = this.watchers.get(id);
			assertThat(watcher).isNotNull();
			this.leaving.put(id, watcher);
			this.client.stream.request(
					WatchRequest.newBuilder().setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id)).build());
		}
	}

	/** Everything has been sent: nothing may be missing. */
	void checkComplete() {
		assertThat(this.asked).isEmpty();
		assertThat(this.leaving).isEmpty();
		this.watchers.values().forEach(ModelWatcher::complete);
	}

	int progressCount() {
		return this.progressCount;
	}

	int overtakenCount() {
		return this.overtakenCount;
	}

	/** One watcher: what it must get next, and how far it has been told to be. */
	private static final class ModelWatcher {

		private final WatchCreateRequest request;

		private final long start;

		private final KeyRange range;

		private final ModelHistory history;

		/** The place in the history of the next event that it may get. */
		private int next;

		/** No further event may be at or below this revision. */
		private long bookmark;

		private final List<Event> fragments = new ArrayList<>();

		private long fragmentRevision;

		private boolean over;

		ModelWatcher(WatchCreateRequest request, long start, ModelHistory history) {
			this.request = request;
			this.start = start;
			this.range = KeyRange.of(request.getKey(), request.getRangeEnd());
			this.history = history;
		}

		void events(WatchResponse response) {
			assertThat(this.over).isFalse();
			if (!this.fragments.isEmpty()) {
				assertThat(response.getHeader().getRevision()).isEqualTo(this.fragmentRevision);
			}
			this.fragments.addAll(response.getEventsList());
			this.fragmentRevision = response.getHeader().getRevision();
			if (response.getFragment()) {
				assertThat(this.request.getFragment()).isTrue();
				return;
			}
			whole(List.copyOf(this.fragments));
			this.fragments.clear();
		}

		/** One response, put together: whole revisions without a gap. */
		private void whole(List<Event> events) {
			for (Event event : events) {
				check(event.getKv().getModRevision() > this.bookmark, this.bookmark, event);
				assertSame(event, nextExpected());
				this.next++;
			}
			long last = events.get(events.size() - 1).getKv().getModRevision();
			assertThat(last).isLessThanOrEqualTo(this.fragmentRevision);
			this.bookmark = last;
			Event following = nextExpected();
			if (following != null) {
				assertThat(following.getKv().getModRevision()).as("revision split").isGreaterThan(last);
			}
		}

		private void assertSame(Event event, @Nullable Event expected) {
			boolean mayLackPrevious = event.getKv().getModRevision() <= this.history.compactRevision();
			if (this.request.getPrevKv() && (event.hasPrevKv() || !mayLackPrevious)) {
				check(expected != null && event.equals(expected), expected, event);
			}
			else {
				Event bare = (expected != null) ? expected.toBuilder().clearPrevKv().build() : null;
				check(bare != null && event.equals(bare), bare, event);
			}
		}

		/** Like an assertion, but cheap: there are millions. */
		private static void check(boolean holds, @Nullable Object expected, Event event) {
			if (!holds) {
				throw new AssertionError("event: " + event + " (expected: " + expected + ")");
			}
		}

		/** The next event it wants, the first not delivered, or null. */
		private @Nullable Event nextExpected() {
			List<Event> events = this.history.events();
			while (this.next < events.size() && !wants(events.get(this.next))) {
				this.next++;
			}
			return (this.next < events.size()) ? events.get(this.next) : null;
		}

		private boolean wants(Event event) {
			boolean delete = event.getType() == Event.EventType.DELETE;
			WatchCreateRequest.FilterType filter = delete ? WatchCreateRequest.FilterType.NODELETE
					: WatchCreateRequest.FilterType.NOPUT;
			return event.getKv().getModRevision() >= this.start && !this.request.getFiltersList().contains(filter)
					&& this.range.contains(event.getKv().getKey().toByteArray());
		}

		void progress(long revision) {
			assertThat(this.over).isFalse();
			assertThat(this.fragments).isEmpty();
			assertThat(revision).isGreaterThanOrEqualTo(Math.max(this.bookmark, this.request.getStartRevision()));
			Event expected = nextExpected();
			if (expected != null) {
				assertThat(expected.getKv().getModRevision()).as("missing at progress").isGreaterThan(revision);
			}
			this.bookmark = revision;
		}

		void overtaken(long compactRevision) {
			assertThat(this.over).isFalse();
			assertThat(this.fragments).isEmpty();
			assertThat(compactRevision).isLessThanOrEqualTo(this.history.compactRevision());
			assertThat(Math.max(this.bookmark + 1, this.start)).isLessThan(compactRevision);
			this.over = true;
		}

		void complete() {
			assertThat(this.fragments).isEmpty();
			if (!this.over) {
				assertThat(nextExpected()).as("missing at the end").isNull();
			}
		}

	}

}
