package dev.kvserver.server.storage;

import org.rocksdb.RocksDB;
import org.rocksdb.Snapshot;

/** The state of the whole database at one time. */
final class RocksPin implements Storage.Pinned {

	private final RocksStorage storage;

	private final RocksDB db;

	private final Snapshot snapshot;

	/** Called with the store held open. */
	RocksPin(RocksStorage storage, RocksDB db) {
		this.storage = storage;
		this.db = db;
		this.snapshot = db.getSnapshot();
	}

	@Override
	public Storage.Scan scan(Bucket bucket) {
		return this.storage.scan(bucket, new byte[0], null, this);
	}

	Snapshot snapshot() {
		return this.snapshot;
	}

	@Override
	public void close() {
		this.storage.closePin(this);
	}

	/** Called once, with the store held open or being closed. */
	void free() {
		this.db.releaseSnapshot(this.snapshot);
	}

}
