package dev.kvserver.server.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.StampedLock;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Holder;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * The durable store, in RocksDB without its write-ahead log: our own log holds what the
 * last {@link #flush()} does not cover. All column families are flushed together, so that
 * the applied index on disk always matches the data on disk.
 * <p>
 * A call into RocksDB after its end would not fail but kill the JVM, and the JVM is our
 * host's. Every call therefore holds the store open, and closing waits for those under
 * way, frees scans and pins that were left open and turns later calls away.
 */
public final class RocksStorage implements Storage {

	private final Path directory;

	private final RocksFiles files;

	private final RocksDB db;

	private final ColumnFamilyHandle keyFamily;

	private final ColumnFamilyHandle metaFamily;

	private final int metaFamilyId;

	private final WriteOptions withoutLog = new WriteOptions().setDisableWAL(true);

	private final ReadOptions readOptions = new ReadOptions();

	private final FlushOptions flushOptions = new FlushOptions().setWaitForFlush(true);

	/** Also what cancels a merge under way. */
	private final CompactRangeOptions compactOptions = new CompactRangeOptions()
		.setBottommostLevelCompaction(CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)
		.setExclusiveManualCompaction(false);

	private volatile boolean ending;

	/** Read-locked by calls, write-locked by the end. */
	private final StampedLock life = new StampedLock();

	private final Set<RocksScan> scans = Collections.newSetFromMap(new ConcurrentHashMap<>());

	private final Set<RocksPin> pins = Collections.newSetFromMap(new ConcurrentHashMap<>());

	private boolean closed;

	private RocksStorage(Path directory, RocksFiles files) {
		this.directory = directory;
		this.files = files;
		this.db = files.db();
		this.keyFamily = files.keyFamily();
		this.metaFamily = files.metaFamily();
		this.metaFamilyId = this.metaFamily.getID();
	}

	/**
	 * Opens the store, or creates it. Blocks on the disk.
	 * @param directory where its files lie; belongs to the store alone
	 * @param options the bounds
	 * @return the store
	 * @throws StorageException if the native library cannot be loaded or the files cannot
	 * be opened
	 */
	public static RocksStorage open(Path directory, RocksOptions options) {
		RocksLibrary.load();
		try {
			return new RocksStorage(directory, RocksFiles.open(directory, options));
		}
		catch (RocksDBException ex) {
			throw new StorageException("opening the store in " + directory + " failed: " + ex.getMessage(), ex);
		}
	}

	@Override
	public byte @Nullable [] get(Bucket bucket, byte[] key) {
		long stamp = holdOpen();
		try {
			return this.db.get(family(bucket), this.readOptions, RocksKeys.stored(bucket, key));
		}
		catch (RocksDBException ex) {
			throw failed("read", ex);
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public byte @Nullable [] peek(Bucket bucket, byte[] key) {
		Holder<byte[]> found = new Holder<>();
		long stamp = holdOpen();
		try {
			this.db.keyMayExist(family(bucket), this.readOptions, RocksKeys.stored(bucket, key), found);
			return found.getValue();
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public Scan scan(Bucket bucket, byte[] from, byte @Nullable [] end) {
		return scan(bucket, from, end, null);
	}

	/** Scans the state of now, or one that is pinned and not yet closed. */
	Scan scan(Bucket bucket, byte[] from, byte @Nullable [] end, @Nullable RocksPin pin) {
		long stamp = holdOpen();
		try {
			if (pin != null && !this.pins.contains(pin)) {
				throw new IllegalStateException("the pinned state is closed");
			}
			RocksScan scan = new RocksScan(this, this.db, family(bucket), bucket, from, end,
					(pin != null) ? pin.snapshot() : null);
			this.scans.add(scan);
			return scan;
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public Pinned pin() {
		long stamp = holdOpen();
		try {
			RocksPin pin = new RocksPin(this, this.db);
			this.pins.add(pin);
			return pin;
		}
		finally {
			release(stamp);
		}
	}

	/** Gives a pinned state up, unless the end of the store has done so already. */
	void closePin(RocksPin pin) {
		long stamp = this.life.readLock();
		try {
			if (this.pins.remove(pin)) {
				pin.free();
			}
		}
		finally {
			release(stamp);
		}
	}

	/** Ends a scan, unless the end of the store has done so already. */
	void closeScan(RocksScan scan) {
		long stamp = this.life.readLock();
		try {
			if (this.scans.remove(scan)) {
				scan.free();
			}
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public WriteBatch newBatch() {
		return new RocksWriteBatch(this.metaFamilyId);
	}

	@Override
	public void write(WriteBatch batch) {
		if (batch.count() == 0) {
			return;
		}
		byte[] serialized = ((RocksWriteBatch) batch).serialized();
		long stamp = holdOpen();
		try (org.rocksdb.WriteBatch handedOver = new org.rocksdb.WriteBatch(serialized)) {
			this.db.write(this.withoutLog, handedOver);
		}
		catch (RocksDBException ex) {
			throw failed("write", ex);
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public void flush() {
		long stamp = holdOpen();
		try {
			this.db.flush(this.flushOptions, List.of(this.keyFamily, this.metaFamily));
		}
		catch (RocksDBException ex) {
			throw failed("flush", ex);
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public void defragment() {
		long stamp = holdOpen();
		try {
			this.db.compactRange(this.keyFamily, null, null, this.compactOptions);
			this.db.compactRange(this.metaFamily, null, null, this.compactOptions);
		}
		catch (RocksDBException ex) {
			if (!this.ending) {
				throw failed("defragment", ex);
			}
		}
		finally {
			release(stamp);
		}
	}

	@Override
	public long sizeBytes() {
		return property("rocksdb.total-sst-files-size") + property("rocksdb.size-all-mem-tables");
	}

	@Override
	public long sizeInUseBytes() {
		long used = property("rocksdb.estimate-live-data-size") + property("rocksdb.size-all-mem-tables");
		return Math.min(used, sizeBytes());
	}

	private long property(String name) {
		long stamp = holdOpen();
		try {
			return this.db.getAggregatedLongProperty(name);
		}
		catch (RocksDBException ex) {
			throw failed("reading " + name, ex);
		}
		finally {
			release(stamp);
		}
	}

	private ColumnFamilyHandle family(Bucket bucket) {
		return (bucket == Bucket.KEY) ? this.keyFamily : this.metaFamily;
	}

	/** Keeps the store from closing until the stamp is given back. */
	long holdOpen() {
		long stamp = this.life.readLock();
		if (this.closed) {
			this.life.unlockRead(stamp);
			throw new StorageException("the store in " + this.directory + " is closed", null);
		}
		return stamp;
	}

	void release(long stamp) {
		this.life.unlockRead(stamp);
	}

	StorageException failed(String what, RocksDBException ex) {
		return new StorageException(what + " in the store in " + this.directory + " failed: " + ex.getMessage(), ex);
	}

	private void cancelDefragment() {
		this.ending = true;
		long stamp = this.life.readLock();
		try {
			if (!this.closed) {
				this.compactOptions.setCanceled(true);
			}
		}
		finally {
			release(stamp);
		}
	}

	/**
	 * Ends the store after the calls under way. What was written is flushed if the disk
	 * allows; if it does not, the log still holds it.
	 */
	@Override
	public void close() {
		cancelDefragment();
		long stamp = this.life.writeLock();
		try {
			if (this.closed) {
				return;
			}
			this.closed = true;
			List<RocksScan> open = new ArrayList<>(this.scans);
			for (int i = 0; i < open.size(); i++) {
				open.get(i).free();
			}
			this.scans.clear();
			this.pins.forEach(RocksPin::free);
			this.pins.clear();
			this.withoutLog.close();
			this.readOptions.close();
			this.flushOptions.close();
			this.compactOptions.close();
			this.files.close();
		}
		finally {
			this.life.unlockWrite(stamp);
		}
	}

}
