package dev.kvserver.server.snapshot;

import java.nio.charset.StandardCharsets;

import dev.kvserver.server.storage.Bucket;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of etcd's database (etcd-contract appendix C.1), in the order of their
 * names, which is that of the file.
 */
enum DatabaseBucket {

	ALARM("alarm", Bucket.ALARM),

	AUTH("auth", Bucket.AUTH),

	AUTH_ROLES("authRoles", Bucket.AUTH_ROLES),

	AUTH_USERS("authUsers", Bucket.AUTH_USERS),

	CLUSTER("cluster", null),

	KEY("key", Bucket.KEY),

	LEASE("lease", Bucket.LEASE),

	MEMBERS("members", null),

	MEMBERS_REMOVED("members_removed", null),

	META("meta", null);

	private final String text;

	private final @Nullable Bucket copyOf;

	DatabaseBucket(String text, @Nullable Bucket copyOf) {
		this.text = text;
		this.copyOf = copyOf;
	}

	String text() {
		return this.text;
	}

	byte[] bytes() {
		return this.text.getBytes(StandardCharsets.US_ASCII);
	}

	/** The bucket of the store with the same content; null where it is another one. */
	@Nullable Bucket copyOf() {
		return this.copyOf;
	}

}
