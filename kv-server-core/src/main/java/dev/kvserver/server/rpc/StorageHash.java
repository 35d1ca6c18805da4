package dev.kvserver.server.rpc;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;

/**
 * A checksum over all buckets, names included, in order of their names; what differs from
 * member to member by nature (the applied index) is left out.
 */
final class StorageHash {

	private static final Map<String, Bucket> BUCKETS = new TreeMap<>(
			Map.of("alarm", Bucket.ALARM, "auth", Bucket.AUTH, "authRoles", Bucket.AUTH_ROLES, "authUsers",
					Bucket.AUTH_USERS, "key", Bucket.KEY, "lease", Bucket.LEASE, "members", Bucket.MEMBERS));

	private StorageHash() {
	}

	static int of(Storage storage) {
		CRC32C crc = new CRC32C();
		BUCKETS.forEach((name, bucket) -> {
			crc.update(name.getBytes(StandardCharsets.US_ASCII));
			try (Storage.Scan scan = storage.scan(bucket, new byte[0], null)) {
				while (scan.next()) {
					crc.update(scan.key());
					crc.update(scan.value());
				}
			}
		});
		return (int) crc.getValue();
	}

}
