package dev.kvserver.server.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

import dev.kvserver.server.bolt.BoltWriter;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Writes a pinned store as etcd's database, an entry at a time. Most buckets are the
 * store's own. What etcd keeps about cluster and member we keep elsewhere or do not have,
 * and is made here.
 */
final class DatabaseWalk implements AutoCloseable {

	private static final DatabaseBucket[] BUCKETS = DatabaseBucket.values();

	private final Storage.Pinned pin;

	private final SnapshotMember member;

	private final BoltWriter writer;

	private int bucket = -1;

	private Storage.@Nullable Scan scan;

	DatabaseWalk(Storage.Pinned pin, SnapshotMember member, BoltWriter writer) {
		this.pin = pin;
		this.member = member;
		this.writer = writer;
	}

	/** Writes the next entry; false when there is none left and the file may be ended. */
	boolean next() {
		if (this.scan == null) {
			this.bucket++;
			if (this.bucket == BUCKETS.length) {
				return false;
			}
			this.scan = scan(BUCKETS[this.bucket]);
			this.writer.beginBucket(BUCKETS[this.bucket].bytes());
		}
		if (this.scan.next()) {
			this.writer.put(this.scan.key(), this.scan.value());
		}
		else {
			close();
			this.writer.endBucket();
		}
		return true;
	}

	private Storage.Scan scan(DatabaseBucket bucket) {
		Bucket stored = bucket.copyOf();
		return (stored != null) ? this.pin.scan(stored) : new ListScan(made(bucket));
	}

	private SortedMap<String, byte[]> made(DatabaseBucket bucket) {
		SortedMap<String, byte[]> entries = new TreeMap<>();
		if (bucket == DatabaseBucket.CLUSTER) {
			entries.put("clusterVersion", bytes(this.member.clusterVersion()));
		}
		else if (bucket == DatabaseBucket.MEMBERS) {
			entries.put(Long.toHexString(this.member.id()), bytes(MemberJson.member(this.member)));
		}
		else if (bucket == DatabaseBucket.META) {
			stored(entries);
			entries.put(MetaNames.CONF_STATE, bytes(MemberJson.confState(this.member)));
			if (!this.member.storageVersion().isEmpty()) {
				entries.put(MetaNames.STORAGE_VERSION, bytes(this.member.storageVersion()));
			}
		}
		return entries;
	}

	private void stored(SortedMap<String, byte[]> entries) {
		try (Storage.Scan meta = this.pin.scan(Bucket.META)) {
			while (meta.next()) {
				String name = new String(meta.key(), StandardCharsets.ISO_8859_1);
				if (MetaNames.STORED.contains(name)) {
					entries.put(name, meta.value());
				}
			}
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	@Override
	public void close() {
		if (this.scan != null) {
			this.scan.close();
			this.scan = null;
		}
	}

}
