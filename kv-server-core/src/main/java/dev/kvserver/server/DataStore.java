package dev.kvserver.server;

import java.nio.file.Path;
import java.util.List;

import dev.kvserver.server.log.Log;
import dev.kvserver.server.log.MemoryLog;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.Storage;

/**
 * Where the data is kept, on disk or in memory, and whose it is.
 *
 * @param storage the store
 * @param log the log in front of it
 * @param clusterId the cluster's id
 * @param memberId this member's id
 * @param peerUrls this member's peer URLs
 */
record DataStore(Storage storage, Log log, long clusterId, long memberId, List<String> peerUrls) {

	private static final List<String> PEER_URLS = List.of("http://localhost:2380");

	static DataStore open(KvServerOptions options, Closer closer) {
		Path directory = options.dataDirectory();
		if (directory == null) {
			return new DataStore(closer.add(new MemoryStorage()), closer.add(new MemoryLog()), 1, 2, PEER_URLS);
		}
		return new DataStore(closer.add(RocksStorage.open(directory.resolve("db"), RocksOptions.DEFAULTS)),
				closer.add(new MemoryLog()), 1, 2, PEER_URLS);
	}

}
