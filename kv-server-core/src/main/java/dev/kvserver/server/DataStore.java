package dev.kvserver.server;

import java.nio.file.Path;
import java.util.List;

import dev.kvserver.server.log.Log;
import dev.kvserver.server.log.MemoryLog;
import dev.kvserver.server.log.SegmentLog;
import dev.kvserver.server.storage.DataDirectory;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.FileDisk;
import dev.kvserver.server.storage.MemberIdentity;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.Storage;

/**
 * Where the data is kept, on disk or in memory, and whose it is.
 *
 * @param storage the store
 * @param log the log in front of it
 * @param identity the ids of cluster and member
 * @param durable whether it survives a stop
 */
record DataStore(Storage storage, Log log, MemberIdentity identity, boolean durable) {

	static final List<String> PEER_URLS = List.of(MemberIdentity.PEER_URL_DEFAULT);

	static DataStore open(KvServerOptions options, Closer closer) {
		MemberIdentity computed = MemberIdentity.ofOnlyMember(PEER_URLS, MemberIdentity.CLUSTER_TOKEN_DEFAULT);
		Path path = options.dataDirectory();
		if (path == null) {
			return new DataStore(closer.add(new MemoryStorage()), closer.add(new MemoryLog()), computed, false);
		}
		Disk disk = new FileDisk();
		DataDirectory directory = closer.add(DataDirectory.open(disk, path, options.walDirectory(), computed));
		RocksOptions rocksOptions = RocksOptions.DEFAULTS.withBlockCacheBytes(options.blockCacheBytes());
		Storage storage = closer.add(RocksStorage.open(directory.databaseDirectory(), rocksOptions));
		Log log = closer.add(
				SegmentLog.open(disk, directory.logDirectory(), SegmentLog.SEGMENT_BYTES_DEFAULT, directory.isFresh()));
		directory.complete();
		return new DataStore(storage, log, directory.identity(), true);
	}

	long clusterId() {
		return this.identity.clusterId();
	}

	long memberId() {
		return this.identity.memberId();
	}

}
