package dev.kvserver.conformance.coordination;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;

/**
 * What clients were told about a lock, and the check of it against the history of the
 * store: whoever was told to hold the lock at a revision was first in the queue at that
 * revision, and whoever wrote under its protection was so at that moment. Since there is
 * one first in a queue, there are never two holders at one revision.
 */
final class LockLog {

	private final List<Held> held = new ArrayList<>();

	private final List<Written> written = new ArrayList<>();

	synchronized void held(Held told) {
		this.held.add(told);
	}

	synchronized void written(Written told) {
		this.written.add(told);
	}

	synchronized int acquisitions() {
		return this.held.size();
	}

	/** How many guarded writes were accepted, or refused. */
	synchronized long writes(boolean accepted) {
		return this.written.stream().filter((write) -> write.accepted() == accepted).count();
	}

	/**
	 * Checks everything against the history.
	 * @param events all of the store, in their order
	 */
	synchronized void check(String prefix, List<Event> events) {
		NavigableMap<Long, List<KeyValue>> queues = queues(prefix, events);
		for (Held told : this.held) {
			String first = first(queues, told.revision()).map(LockLog::text).orElse("nobody");
			require(first.equals(told.key()), told + ", but then it was " + first);
		}
		long youngest = 0;
		this.written.sort(Comparator.comparingLong(Written::revision));
		for (Written write : this.written) {
			boolean inQueue = queue(queues, write.revision() - (write.accepted() ? 1 : 0)).stream()
				.anyMatch((key) -> key.getCreateRevision() == write.token());
			require(write.accepted() == inQueue, write + ", but the key was " + (inQueue ? "there" : "gone"));
			if (write.accepted()) {
				long first = first(queues, write.revision() - 1).map(KeyValue::getCreateRevision).orElse(0L);
				require(first == write.token(), write + ", but the lock was held with token " + first);
				require(write.token() >= youngest, write + ", after one with token " + youngest);
				youngest = write.token();
			}
		}
	}

	private static void require(boolean condition, String what) {
		if (!condition) {
			throw new AssertionError(what);
		}
	}

	/** The queue as it was from each revision on at which it changed, oldest first. */
	private static NavigableMap<Long, List<KeyValue>> queues(String prefix, List<Event> events) {
		NavigableMap<Long, List<KeyValue>> queues = new TreeMap<>();
		Map<String, KeyValue> keys = new TreeMap<>();
		for (Event event : events) {
			String key = text(event.getKv());
			if (key.startsWith(prefix)) {
				if (event.getType() == Event.EventType.PUT) {
					keys.put(key, event.getKv());
				}
				else {
					keys.remove(key);
				}
				queues.put(event.getKv().getModRevision(),
						keys.values().stream().sorted(Comparator.comparingLong(KeyValue::getCreateRevision)).toList());
			}
		}
		return queues;
	}

	private static List<KeyValue> queue(NavigableMap<Long, List<KeyValue>> queues, long revision) {
		Map.Entry<Long, List<KeyValue>> then = queues.floorEntry(revision);
		return (then != null) ? then.getValue() : List.of();
	}

	private static Optional<KeyValue> first(NavigableMap<Long, List<KeyValue>> queues, long revision) {
		return queue(queues, revision).stream().findFirst();
	}

	private static String text(KeyValue kv) {
		return kv.getKey().toStringUtf8();
	}

	/**
	 * A client was told that it holds the lock.
	 *
	 * @param key its key
	 * @param revision at which revision
	 */
	record Held(String key, long revision) {

	}

	/**
	 * A client has tried to write under the lock's protection.
	 *
	 * @param token the create revision of its key
	 * @param accepted whether the write was made
	 * @param revision that of the answer
	 */
	record Written(long token, boolean accepted, long revision) {

	}

}
