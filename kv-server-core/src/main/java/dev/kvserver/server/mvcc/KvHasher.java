package dev.kvserver.server.mvcc;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

import com.google.protobuf.ByteString;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;

/**
 * Computes {@link KvHash} (etcd-contract section 2.12, HashKV): over the name of the
 * bucket, then over every stored revision key and value up to the revision asked for.
 * <p>
 * A compaction removes revisions in its own time, so what is still stored below the
 * compact revision must not matter: such a revision counts only if the removal keeps it
 * and a compaction at the revision asked for would keep it too. If that one would keep
 * nothing at all, etcd leaves its part of the rule out. Nor does the tombstone exactly at
 * the compact revision count, which some versions of etcd keep and others do not.
 */
final class KvHasher {

	private final CRC32C crc = new CRC32C();

	private final StoreView view;

	private final long revision;

	KvHasher(StoreView view, long revision) {
		this.view = view;
		this.revision = revision;
	}

	KvHash compute() {
		this.crc.update("key".getBytes(StandardCharsets.US_ASCII));
		byte[] end = Revision.encode(Math.max(0, this.revision + 1), 0, false);
		long keptAt = anyKept() ? this.revision : this.view.compactRevision();
		try (Storage.Scan scan = this.view.values().storage().scan(Bucket.KEY, Revision.encode(0, 0, false), end)) {
			while (scan.next()) {
				byte[] key = scan.key();
				byte[] value = scan.value();
				if (counts(key, value, keptAt)) {
					this.crc.update(key);
					this.crc.update(value);
				}
			}
		}
		return new KvHash((int) this.crc.getValue(), this.revision, this.view.compactRevision(), this.view.revision());
	}

	private boolean counts(byte[] key, byte[] value, long keptAt) {
		Revision at = Revision.decode(key);
		if (at.main() > this.view.compactRevision()) {
			return true;
		}
		if (Revision.isTombstone(key)) {
			return false;
		}
		ByteString name = KeyValues.decode(at.main(), at.sub(), value).getKey();
		KeyIndex index = this.view.index().get(Bytes.of(name));
		return index != null && at.equals(index.at(keptAt));
	}

	/** Whether any key lives at the revision: etcd skips nothing if none does. */
	private boolean anyKept() {
		if (this.revision == this.view.revision()) {
			return this.view.keyCount() > 0;
		}
		TreeIndex.Cursor cursor = this.view.index().cursor(new byte[0]);
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			if (key.isLiveAt(this.revision)) {
				return true;
			}
		}
		return false;
	}

}
