package dev.kvserver.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.kvserver.server.log.Log;
import dev.kvserver.server.log.MemoryLog;
import dev.kvserver.server.log.SegmentLog;
import dev.kvserver.server.mvcc.CheckpointFile;
import dev.kvserver.server.snapshot.DatabaseImport;
import dev.kvserver.server.storage.DataDirectory;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.MemberIdentity;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Where the data is kept, on disk or in memory, and whose it is.
 *
 * @param storage the store
 * @param log the log in front of it
 * @param identity the ids of cluster and member
 * @param checkpoint where the index is saved, {@code null} for data in memory, which does
 * not survive a stop
 */
record DataStore(Storage storage, Log log, MemberIdentity identity, @Nullable CheckpointFile checkpoint) {

	static final List<String> PEER_URLS = List.of(MemberIdentity.PEER_URL_DEFAULT);

	static DataStore open(KvServerOptions options, DiskUse use, Closer closer) {
		MemberIdentity computed = MemberIdentity.ofOnlyMember(PEER_URLS, MemberIdentity.CLUSTER_TOKEN_DEFAULT);
		Path path = options.dataDirectory();
		if (path == null) {
			return new DataStore(closer.add(new MemoryStorage()), closer.add(new MemoryLog()), computed, null);
		}
		if (options.restoreFrom() != null) {
			return restore(options, options.restoreFrom(), path, use, closer, computed);
		}
		DataDirectory directory = closer.add(DataDirectory.open(use.disk(), path, options.walDirectory(), computed));
		return open(use, closer, directory, closer.add(openStorage(options, directory)));
	}

	/**
	 * Nothing is touched before the file is known to be good and the directory to be
	 * empty.
	 */
	private static DataStore restore(KvServerOptions options, Path source, Path path, DiskUse use, Closer closer,
			MemberIdentity computed) {
		Path wal = options.walDirectory();
		if (Files.isDirectory(path)) {
			DataDirectory.requireRestorable(use.disk(), path, (wal != null && Files.isDirectory(wal)) ? wal : null);
		}
		try (DatabaseImport restored = DatabaseImport.open(source)) {
			DataDirectory directory = closer.add(DataDirectory.openToRestore(use.disk(), path, wal, computed));
			Storage storage = closer.add(openStorage(options, directory));
			restored.into(storage);
			return open(use, closer, directory, storage);
		}
	}

	private static Storage openStorage(KvServerOptions options, DataDirectory directory) {
		RocksOptions rocksOptions = RocksOptions.DEFAULTS.withBlockCacheBytes(options.blockCacheBytes());
		return RocksStorage.open(directory.databaseDirectory(), rocksOptions);
	}

	private static DataStore open(DiskUse use, Closer closer, DataDirectory directory, Storage storage) {
		Disk disk = use.disk();
		Log log = closer.add(SegmentLog.open(disk, directory.logDirectory(), use.segmentBytes(), directory.isFresh()));
		directory.complete();
		return new DataStore(storage, log, directory.identity(),
				new CheckpointFile(disk, directory.indexFile(), CheckpointFile.CHANGES_MIN_DEFAULT));
	}

	boolean durable() {
		return this.checkpoint != null;
	}

	long clusterId() {
		return this.identity.clusterId();
	}

	long memberId() {
		return this.identity.memberId();
	}

}
