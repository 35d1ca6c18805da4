package dev.kvserver.conformance.differential;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

import dev.kvserver.conformance.grpc.Texts;
import dev.kvserver.conformance.history.OpenWatches;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import io.grpc.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The same watch stream on two servers.
 *
 * <p>
 * Events arrive when they like. Before the two streams are compared, both have to have
 * everything up to one revision. A stream without watchers in the future tells that by an
 * answer to a progress request; the others by the event of a watcher on the key that was
 * just written (which says nothing about that last revision itself, so that it is left
 * for the next time). A watcher that started in the past gets its history in pieces that
 * depend on time: until the first comparison its events are compared, after that its
 * responses.
 */
final class WatchPair {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration PROGRESS_RETRY = Duration.ofMillis(50);

	private static final int PROGRESS_ATTEMPTS = 200;

	private final OpenWatches open;

	private final WatchConnection left;

	private final WatchConnection right;

	private final Transcript transcript;

	private final Set<Long> catchingUp = new HashSet<>();

	/** How often each id was canceled since the streams were last settled. */
	private final Map<Long, Integer> cancellations = new HashMap<>();

	WatchPair(OpenWatches open, Channel left, Channel right, Transcript transcript) {
		this.open = open;
		this.left = new WatchConnection(left);
		this.right = new WatchConnection(right);
		this.transcript = transcript;
	}

	/** Creates a watcher on both and blocks until both have answered. */
	void create(WatchCreateRequest request, long revision, long compactRevision) {
		WatchResponse created = both("created", WatchResponse::getCreated, () -> {
			this.left.create(request);
			this.right.create(request);
		});
		if (created.getCanceled()) {
			return;
		}
		long start = request.getStartRevision();
		if (start > 0 && start < compactRevision) {
			bothCanceled("canceled, since compacted", created.getWatchId(), () -> {
			});
			// etcd keeps such a watcher until it is canceled once more, and answers no
			// progress request as long.
			this.open.created(created.getWatchId(), request);
			cancel(created.getWatchId());
			return;
		}
		this.open.created(created.getWatchId(), request);
		if (start > 0 && start <= revision) {
			this.catchingUp.add(created.getWatchId());
		}
	}

	/** Cancels a watcher on both; blocks for the answer if there is such a watcher. */
	void cancel(long watchId) {
		Runnable send = () -> {
			this.left.cancel(watchId);
			this.right.cancel(watchId);
		};
		if (this.open.has(watchId)) {
			bothCanceled("canceled", watchId, send);
			this.open.canceled(watchId);
		}
		else {
			send.run();
		}
	}

	/**
	 * Asks for progress on a ping stream; other streams are asked all the time anyway.
	 */
	void requestProgress(long revision) {
		if (!this.open.isPinged() || this.open.isEmpty()) {
			return;
		}
		if (this.open.answersProgressAt(revision)) {
			both("progress", WatchPair::isProgress, this::sendProgress);
			return;
		}
		sendProgress();
		// The answer to a refused watcher tells that the request before it was looked at:
		// no later write can make an answer out of what has to be silence.
		create(WatchCreateRequest.newBuilder().setKey(OpenWatches.PING_KEY).setStartRevision(-1).build(), 0, 0);
	}

	void halfClose() {
		this.left.halfClose();
		this.right.halfClose();
		this.open.halfClosed();
	}

	void close() {
		this.left.close();
		this.right.close();
	}

	/**
	 * Blocks until both have everything up to a revision, and compares it.
	 * @param revision the current revision, at which {@link OpenWatches#PING_KEY} was
	 * written
	 */
	void settle(long revision) {
		if (!this.open.isEmpty()) {
			awaitAll("reference", this.left, revision);
			awaitAll("candidate", this.right, revision);
		}
		Predicate<WatchResponse> due = (response) -> !this.open.isPinged() || response.getEventsCount() == 0
				|| response.getHeader().getRevision() < revision;
		List<WatchResponse> leftDue = this.left.take(due);
		List<WatchResponse> rightDue = this.right.take(due);
		this.cancellations.clear();
		compare("control responses", controls(leftDue), controls(rightDue));
		Set<Long> ids = new TreeSet<>();
		leftDue.forEach((response) -> ids.add(response.getWatchId()));
		rightDue.forEach((response) -> ids.add(response.getWatchId()));
		for (long id : ids) {
			compareWatcher(id, ofWatcher(id, leftDue), ofWatcher(id, rightDue), revision);
		}
		this.catchingUp.clear();
	}

	private void awaitAll(String side, WatchConnection connection, long revision) {
		WatchResponse sign = this.open.isPinged()
				? connection.await((response) -> isPing(response, revision), 1, TIMEOUT)
				: awaitProgress(connection, revision);
		if (sign == null) {
			throw failure("the " + side + " does not tell that it is at revision " + revision, List.of());
		}
	}

	/** A request that finds a watcher behind is lost, so that it takes several. */
	private static @Nullable WatchResponse awaitProgress(WatchConnection connection, long revision) {
		for (int attempt = 0; attempt < PROGRESS_ATTEMPTS; attempt++) {
			connection.requestProgress();
			WatchResponse progress = connection.await(
					(response) -> isProgress(response) && response.getHeader().getRevision() >= revision, 1,
					PROGRESS_RETRY);
			if (progress != null) {
				return progress;
			}
		}
		return null;
	}

	/**
	 * Waits for the next cancellation of an id. It is counted from the beginning: one
	 * that nobody asked for may have come already.
	 */
	private void bothCanceled(String what, long watchId, Runnable send) {
		int number = this.cancellations.merge(watchId, 1, Integer::sum);
		send.run();
		both(what, canceled(watchId), number, number);
	}

	/** Sends something and waits for one more response of a kind on both sides. */
	private WatchResponse both(String what, Predicate<WatchResponse> kind, Runnable send) {
		int leftCount = this.left.count(kind);
		int rightCount = this.right.count(kind);
		send.run();
		return both(what, kind, leftCount + 1, rightCount + 1);
	}

	private WatchResponse both(String what, Predicate<WatchResponse> kind, int leftNumber, int rightNumber) {
		WatchResponse leftResponse = this.left.await(kind, leftNumber, TIMEOUT);
		WatchResponse rightResponse = this.right.await(kind, rightNumber, TIMEOUT);
		if (leftResponse == null || rightResponse == null) {
			throw failure("no \"" + what + "\" from the " + ((leftResponse == null) ? "reference" : "candidate"),
					List.of());
		}
		this.transcript.add("  " + Texts.oneLine(leftResponse));
		compare(what, List.of(leftResponse), List.of(rightResponse));
		return leftResponse;
	}

	private void compareWatcher(long id, List<WatchResponse> left, List<WatchResponse> right, long revision) {
		if (!this.catchingUp.contains(id)) {
			compare("responses of watcher " + id, left, right);
			return;
		}
		List<String> differences = Differences.between(events(left), events(right));
		if (!differences.isEmpty()) {
			throw failure("events of watcher " + id, differences);
		}
		requireHeaders(left, revision);
		requireHeaders(right, revision);
	}

	private void requireHeaders(List<WatchResponse> responses, long revision) {
		for (WatchResponse response : responses) {
			long last = response.getEvents(response.getEventsCount() - 1).getKv().getModRevision();
			long header = response.getHeader().getRevision();
			if (header < last || header > revision) {
				throw failure("header of a response with events up to " + last, List.of(Texts.oneLine(response)));
			}
		}
	}

	private void compare(String what, List<WatchResponse> left, List<WatchResponse> right) {
		List<String> differences = Differences.between(left, right);
		if (!differences.isEmpty()) {
			throw failure(what, differences);
		}
	}

	private AssertionError failure(String what, List<String> differences) {
		return this.transcript.difference("watch: " + what, differences, end(this.left), end(this.right));
	}

	private static String end(WatchConnection connection) {
		return (connection.end() == null) ? "stream is open" : "stream has ended: " + connection.end();
	}

	private void sendProgress() {
		this.left.requestProgress();
		this.right.requestProgress();
	}

	/**
	 * The responses without events. How many answers to progress requests there are is a
	 * matter of time, except on ping streams.
	 */
	private List<WatchResponse> controls(List<WatchResponse> responses) {
		return responses.stream()
			.filter((response) -> response.getEventsCount() == 0)
			.filter((response) -> this.open.isPinged() || !isProgress(response))
			.toList();
	}

	private static List<WatchResponse> ofWatcher(long id, List<WatchResponse> responses) {
		return responses.stream()
			.filter((response) -> response.getWatchId() == id && response.getEventsCount() > 0)
			.toList();
	}

	private static List<Event> events(List<WatchResponse> responses) {
		List<Event> events = new ArrayList<>();
		responses.forEach((response) -> events.addAll(response.getEventsList()));
		return events;
	}

	private static Predicate<WatchResponse> canceled(long id) {
		return (response) -> response.getCanceled() && !response.getCreated() && response.getWatchId() == id;
	}

	private static boolean isProgress(WatchResponse response) {
		return response.getEventsCount() == 0 && !response.getCreated() && !response.getCanceled();
	}

	private static boolean isPing(WatchResponse response, long revision) {
		return response.getEventsList()
			.stream()
			.map(Event::getKv)
			.anyMatch((kv) -> kv.getModRevision() == revision && kv.getKey().equals(OpenWatches.PING_KEY));
	}

}
