package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The last revisions without a gap, so that a watcher that is a little behind costs no
 * read of the store. Bounded by events and by bytes; the newest revision is always kept.
 *
 * <pre>
 *   7 8 9 10   append(11) -> 8 9 10 11     (with a bound of 4 events)
 *              append(13) -> 13            (12 is missing, so what is below it goes)
 * </pre>
 */
final class EventHistory {

	private final int eventsMax;

	private final long bytesMax;

	/** Revision r is at r modulo the length, which is a power of two. */
	private @Nullable RevisionEvents[] ring = new RevisionEvents[64];

	private long first = 1;

	/** Inclusive; one below {@link #first} while empty. */
	private long last;

	private int events;

	private long bytes;

	EventHistory(int eventsMax, long bytesMax) {
		this.eventsMax = eventsMax;
		this.bytesMax = bytesMax;
	}

	void append(RevisionEvents next) {
		if (next.revision() != this.last + 1) {
			Arrays.fill(this.ring, null);
			this.first = next.revision();
			this.events = 0;
			this.bytes = 0;
		}
		this.last = next.revision();
		if (this.last - this.first >= this.ring.length) {
			grow();
		}
		this.ring[place(this.last)] = next;
		this.events += next.events().size();
		this.bytes += next.sizeBytes();
		while (this.first < this.last && (this.events > this.eventsMax || this.bytes > this.bytesMax)) {
			forget(this.first);
			this.first++;
		}
	}

	/** Whether this revision and all after it up to the newest are here. */
	boolean reachesBackTo(long revision) {
		return this.first <= revision && revision <= this.last;
	}

	/**
	 * Revisions in order up to the newest or a bound; at least one.
	 * @param from a revision that {@link #reachesBackTo} is true for
	 */
	List<RevisionEvents> read(long from, int revisionsMax, long bytesMax) {
		List<RevisionEvents> found = new ArrayList<>();
		long size = 0;
		for (long revision = from; revision <= this.last && found.size() < revisionsMax; revision++) {
			RevisionEvents events = at(revision);
			size += events.sizeBytes();
			if (!found.isEmpty() && size > bytesMax) {
				break;
			}
			found.add(events);
		}
		return found;
	}

	int eventCount() {
		return this.events;
	}

	private void forget(long revision) {
		RevisionEvents gone = at(revision);
		this.ring[place(revision)] = null;
		this.events -= gone.events().size();
		this.bytes -= gone.sizeBytes();
	}

	private RevisionEvents at(long revision) {
		RevisionEvents events = this.ring[place(revision)];
		if (events == null) {
			throw new IllegalStateException(
					"revision: " + revision + " (expected: " + this.first + " to " + this.last + " without a gap)");
		}
		return events;
	}

	private int place(long revision) {
		return (int) revision & (this.ring.length - 1);
	}

	private void grow() {
		@Nullable RevisionEvents[] old = this.ring;
		this.ring = new RevisionEvents[2 * old.length];
		for (long revision = this.first; revision < this.last; revision++) {
			this.ring[place(revision)] = old[(int) revision & (old.length - 1)];
		}
	}

}
