package dev.kvserver.server.snapshot;

import java.util.Set;

/** The keys of etcd's bucket {@code meta}. */
final class MetaNames {

	static final String CONSISTENT_INDEX = "consistent_index";

	static final String TERM = "term";

	static final String SCHEDULED_COMPACT_REV = "scheduledCompactRev";

	static final String FINISHED_COMPACT_REV = "finishedCompactRev";

	static final String CONF_STATE = "confState";

	static final String STORAGE_VERSION = "storageVersion";

	/** Those that the store has, too, with equal values. */
	static final Set<String> STORED = Set.of(CONSISTENT_INDEX, TERM, SCHEDULED_COMPACT_REV, FINISHED_COMPACT_REV);

	private MetaNames() {
	}

}
