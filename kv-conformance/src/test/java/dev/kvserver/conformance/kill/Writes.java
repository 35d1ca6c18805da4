package dev.kvserver.conformance.kill;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What was sent in one round and what became of it. Any thread may use it.
 */
final class Writes {

	private final Map<Long, Write> unanswered = new ConcurrentHashMap<>();

	private final Map<Long, Write> acknowledged = new ConcurrentHashMap<>();

	private final Set<Long> leases = ConcurrentHashMap.newKeySet();

	private final AtomicLong greatestRevision = new AtomicLong();

	void sent(Write write) {
		this.unanswered.put(write.number(), write);
	}

	/** A write was acknowledged, at a revision of its own. */
	void acknowledged(Write write, long revision) {
		this.unanswered.remove(write.number());
		Write other = this.acknowledged.put(revision, write);
		if (other != null) {
			throw new AssertionError(other + " and " + write + " were both acknowledged at " + revision);
		}
		this.greatestRevision.accumulateAndGet(revision, Math::max);
	}

	/** A request was answered that has changed nothing. */
	void changedNothing(Write write, long revision) {
		this.unanswered.remove(write.number());
		this.greatestRevision.accumulateAndGet(revision, Math::max);
	}

	void granted(long lease) {
		this.leases.add(lease);
	}

	/** By revision. */
	Map<Long, Write> acknowledged() {
		return this.acknowledged;
	}

	/** By number: those that may or may not have happened. */
	Map<Long, Write> unanswered() {
		return this.unanswered;
	}

	Collection<Long> leases() {
		return this.leases;
	}

	/** The greatest revision that any answer had. */
	long greatestRevision() {
		return this.greatestRevision.get();
	}

}
