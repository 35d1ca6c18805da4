package dev.kvserver.server.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The open database with everything native that belongs to it, freed together and in the
 * right order.
 */
final class RocksFiles implements AutoCloseable {

	private static final byte[] META_FAMILY = "meta".getBytes(StandardCharsets.US_ASCII);

	private static final int WRITE_BUFFERS_MAX = 4;

	private static final int META_WRITE_BUFFER_BYTES = 16 << 20;

	/** RocksDB's own text log, which nobody reads before something has gone wrong. */
	private static final int INFO_LOG_FILES = 2;

	private static final int INFO_LOG_BYTES_MAX = 1 << 20;

	private final List<AbstractNativeReference> closeables = new ArrayList<>();

	private final List<ColumnFamilyHandle> families = new ArrayList<>();

	private final RocksDB db;

	private RocksFiles(Path directory, RocksOptions options) throws RocksDBException {
		try {
			Cache cache = own(new LRUCache(options.blockCacheBytes()));
			DBOptions dbOptions = own(dbOptions(options));
			ColumnFamilyOptions keyOptions = own(familyOptions(cache, options.writeBufferBytes()));
			ColumnFamilyOptions metaOptions = own(familyOptions(cache, META_WRITE_BUFFER_BYTES));
			List<ColumnFamilyDescriptor> descriptors = List.of(
					new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, keyOptions),
					new ColumnFamilyDescriptor(META_FAMILY, metaOptions));
			this.db = own(RocksDB.open(dbOptions, directory.toString(), descriptors, this.families));
			this.closeables.addAll(this.families);
		}
		catch (Throwable ex) {
			close();
			throw ex;
		}
	}

	static RocksFiles open(Path directory, RocksOptions options) throws RocksDBException {
		return new RocksFiles(directory, options);
	}

	private static DBOptions dbOptions(RocksOptions options) {
		return new DBOptions().setCreateIfMissing(true)
			.setCreateMissingColumnFamilies(true)
			.setAtomicFlush(true)
			// One thread writes. This lets it insert growing keys at the end at once.
			.setAllowConcurrentMemtableWrite(false)
			.setMaxOpenFiles(options.openFilesMax())
			.setMaxBackgroundJobs(options.backgroundJobsMax())
			.setBytesPerSync(1 << 20)
			.setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
			.setKeepLogFileNum(INFO_LOG_FILES)
			.setMaxLogFileSize(INFO_LOG_BYTES_MAX)
			.setStatsDumpPeriodSec(0)
			.setStatsPersistPeriodSec(0);
	}

	private static ColumnFamilyOptions familyOptions(Cache cache, long writeBufferBytes) {
		return new ColumnFamilyOptions().setWriteBufferSize(writeBufferBytes)
			.setMaxWriteBufferNumber(WRITE_BUFFERS_MAX)
			.setCompressionType(CompressionType.NO_COMPRESSION)
			.setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
	}

	private <T extends AbstractNativeReference> T own(T reference) {
		this.closeables.add(reference);
		return reference;
	}

	RocksDB db() {
		return this.db;
	}

	ColumnFamilyHandle keyFamily() {
		return this.families.get(0);
	}

	ColumnFamilyHandle metaFamily() {
		return this.families.get(1);
	}

	@Override
	public void close() {
		for (int i = this.closeables.size() - 1; i >= 0; i--) {
			this.closeables.get(i).close();
		}
	}

}
