package dev.kvserver.server.storage;

import java.util.Arrays;
import java.util.NoSuchElementException;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * A walk over one bucket. The iterator pins the state of its creation, or is given one
 * that was pinned before. What a scan reads stays out of the block cache, which belongs
 * to single reads.
 */
final class RocksScan implements Storage.Scan {

	private final RocksStorage storage;

	private final byte[] from;

	/** The length of the bucket's prefix. */
	private final int skipped;

	private final ReadOptions options;

	private final @Nullable Slice end;

	private final RocksIterator iterator;

	private boolean started;

	private boolean closed;

	/** Called with the store held open. */
	RocksScan(RocksStorage storage, RocksDB db, ColumnFamilyHandle family, Bucket bucket, byte[] from,
			byte @Nullable [] end, @Nullable Snapshot snapshot) {
		this.storage = storage;
		this.from = RocksKeys.stored(bucket, from);
		this.skipped = this.from.length - from.length;
		byte[] storedEnd = RocksKeys.storedEnd(bucket, end);
		this.end = (storedEnd != null) ? new Slice(storedEnd) : null;
		this.options = new ReadOptions().setFillCache(false);
		if (snapshot != null) {
			this.options.setSnapshot(snapshot);
		}
		if (this.end != null) {
			this.options.setIterateUpperBound(this.end);
		}
		this.iterator = db.newIterator(family, this.options);
	}

	@Override
	public boolean next() {
		long stamp = this.storage.holdOpen();
		try {
			requireOpen();
			if (!this.started) {
				this.started = true;
				this.iterator.seek(this.from);
			}
			else if (this.iterator.isValid()) {
				this.iterator.next();
			}
			if (this.iterator.isValid()) {
				return true;
			}
			this.iterator.status();
			return false;
		}
		catch (RocksDBException ex) {
			throw this.storage.failed("scan", ex);
		}
		finally {
			this.storage.release(stamp);
		}
	}

	@Override
	public byte[] key() {
		long stamp = this.storage.holdOpen();
		try {
			requireEntry();
			byte[] key = this.iterator.key();
			return (this.skipped == 0) ? key : Arrays.copyOfRange(key, this.skipped, key.length);
		}
		finally {
			this.storage.release(stamp);
		}
	}

	@Override
	public byte[] value() {
		long stamp = this.storage.holdOpen();
		try {
			requireEntry();
			return this.iterator.value();
		}
		finally {
			this.storage.release(stamp);
		}
	}

	private void requireEntry() {
		requireOpen();
		if (!this.started || !this.iterator.isValid()) {
			throw new NoSuchElementException();
		}
	}

	private void requireOpen() {
		if (this.closed) {
			throw new IllegalStateException("the scan is closed");
		}
	}

	@Override
	public void close() {
		this.storage.closeScan(this);
	}

	/** Called with the store held open or being closed. */
	void free() {
		if (!this.closed) {
			this.closed = true;
			this.iterator.close();
			this.options.close();
			if (this.end != null) {
				this.end.close();
			}
		}
	}

}
