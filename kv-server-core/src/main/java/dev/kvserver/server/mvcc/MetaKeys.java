package dev.kvserver.server.mvcc;

import java.nio.charset.StandardCharsets;

/** The keys of {@code Bucket.META} that belong to the store. The names are etcd's. */
final class MetaKeys {

	static final byte[] CONSISTENT_INDEX = name("consistent_index");

	static final byte[] TERM = name("term");

	static final byte[] SCHEDULED_COMPACT_REV = name("scheduledCompactRev");

	static final byte[] FINISHED_COMPACT_REV = name("finishedCompactRev");

	private MetaKeys() {
	}

	private static byte[] name(String name) {
		return name.getBytes(StandardCharsets.US_ASCII);
	}

}
