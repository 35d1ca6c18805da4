package dev.kvserver.conformance.kill;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.kvserver.proto.mvccpb.Event;

/**
 * Whether a history is what the writes of one round can have left: each revision is
 * explained by one write, completely, and each acknowledged write stands at the revision
 * that was acknowledged. A write without an answer may be there or not, but only once.
 */
final class HistoryCheck {

	private HistoryCheck() {
	}

	/**
	 * Checks the revisions behind {@code before} up to {@code last}.
	 * @throws AssertionError if they are not what was written
	 */
	static void verify(Writes writes, List<Event> events, long before, long last) {
		Map<Long, List<Event>> byRevision = new TreeMap<>();
		long previous = before;
		for (Event event : events) {
			long revision = event.getKv().getModRevision();
			if (revision < previous || revision <= before || revision > last) {
				throw new AssertionError("Revision " + revision + " comes after " + previous);
			}
			previous = revision;
			byRevision.computeIfAbsent(revision, (any) -> new ArrayList<>()).add(event);
		}
		Set<Long> used = new HashSet<>();
		for (long revision = before + 1; revision <= last; revision++) {
			verifyRevision(writes, revision, byRevision.getOrDefault(revision, List.of()), used);
		}
		Set<Long> elsewhere = new TreeSet<>(writes.acknowledged().keySet());
		elsewhere.removeIf((revision) -> revision > before && revision <= last);
		if (!elsewhere.isEmpty()) {
			throw new AssertionError("Acknowledged outside of (" + before + ", " + last + "]: " + elsewhere);
		}
	}

	private static void verifyRevision(Writes writes, long revision, List<Event> events, Set<Long> used) {
		Write acknowledged = writes.acknowledged().get(revision);
		boolean explained = (acknowledged != null) ? acknowledged.explains(events) : isUnanswered(writes, events, used);
		if (events.isEmpty() || !explained) {
			throw new AssertionError(
					"At revision " + revision + " there is " + events + "\nand acknowledged was " + acknowledged);
		}
	}

	private static boolean isUnanswered(Writes writes, List<Event> events, Set<Long> used) {
		for (Write write : writes.unanswered().values()) {
			if (write.explains(events) && used.add(write.number())) {
				return true;
			}
		}
		return false;
	}

}
