package dev.kvserver.server.snapshot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.kvserver.proto.authpb.Role;
import dev.kvserver.proto.authpb.User;
import dev.kvserver.proto.etcdserverpb.AlarmMember;
import dev.kvserver.proto.leasepb.Lease;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.storage.RestoreException;

/**
 * Looks at every entry of a database before any is taken over, and counts them.
 */
final class DatabaseCheck {

	private static final int REVISION_BYTES = 17;

	/** The newest format that is known to be readable. */
	private static final int MINOR_MAX = 7;

	private final String file;

	private long entries;

	private long users;

	private long leases;

	private long revision = 1;

	DatabaseCheck(String file) {
		this.file = file;
	}

	/** Entries that will be taken over, and others. */
	long entries() {
		return this.entries;
	}

	/** What the file holds, for the log. */
	String summary() {
		return "revision " + this.revision + ", " + this.leases + " leases, " + this.users + " users";
	}

	void entry(DatabaseBucket bucket, byte[] key, byte[] value) {
		this.entries++;
		boolean valid = switch (bucket) {
			case KEY -> isKeyValue(key, value);
			case LEASE -> isLease(key, value);
			case ALARM -> isMessage(AlarmMember.parser(), key);
			case AUTH_USERS -> isMessage(User.parser(), value);
			case AUTH_ROLES -> isMessage(Role.parser(), value);
			case AUTH -> isAuth(text(key), value);
			case META -> isMeta(text(key), value);
			case CLUSTER, MEMBERS, MEMBERS_REMOVED -> true;
		};
		if (!valid) {
			throw new RestoreException("%s cannot be restored: in bucket '%s', the entry at key %s is not one of etcd"
				.formatted(this.file, bucket.text(), HexFormat.of().formatHex(key)), null);
		}
		this.leases += (bucket == DatabaseBucket.LEASE) ? 1 : 0;
		this.users += (bucket == DatabaseBucket.AUTH_USERS) ? 1 : 0;
	}

	/** A value without bytes is what a restore with a raised revision leaves behind. */
	private boolean isKeyValue(byte[] key, byte[] value) {
		if (!isRevision(key)) {
			return false;
		}
		ByteBuffer revisionKey = ByteBuffer.wrap(key);
		long main = revisionKey.getLong(0);
		long sub = revisionKey.getLong(9);
		boolean tombstone = key.length > REVISION_BYTES;
		if (main < 1 || sub < 0 || sub > Integer.MAX_VALUE) {
			return false;
		}
		this.revision = main;
		try {
			KeyValue stored = KeyValue.parseFrom(value);
			return tombstone || value.length == 0 || stored.getModRevision() == main;
		}
		catch (InvalidProtocolBufferException ex) {
			return false;
		}
	}

	private static boolean isRevision(byte[] key) {
		boolean length = key.length == REVISION_BYTES
				|| (key.length == REVISION_BYTES + 1 && key[REVISION_BYTES] == 't');
		return length && key[Long.BYTES] == '_';
	}

	private static boolean isLease(byte[] key, byte[] value) {
		try {
			long id = Lease.parseFrom(value).getID();
			return id != 0 && key.length == Long.BYTES && ByteBuffer.wrap(key).getLong() == id;
		}
		catch (InvalidProtocolBufferException ex) {
			return false;
		}
	}

	private static boolean isMessage(Parser<? extends MessageLite> parser, byte[] bytes) {
		try {
			parser.parseFrom(bytes);
			return true;
		}
		catch (InvalidProtocolBufferException ex) {
			return false;
		}
	}

	private static boolean isAuth(String name, byte[] value) {
		return switch (name) {
			case "authEnabled" -> value.length == 1;
			case "authRevision" -> value.length == Long.BYTES;
			default -> true;
		};
	}

	private boolean isMeta(String name, byte[] value) {
		if (name.equals(MetaNames.STORAGE_VERSION)) {
			requireKnown(text(value));
		}
		return switch (name) {
			case MetaNames.SCHEDULED_COMPACT_REV, MetaNames.FINISHED_COMPACT_REV -> isRevision(value);
			default -> true;
		};
	}

	private void requireKnown(String version) {
		if (!version.matches("3\\.[0-" + MINOR_MAX + "]\\.\\d+")) {
			throw new RestoreException(
					"%s cannot be restored: its format is that of etcd %s, and those up to 3.%d are known"
						.formatted(this.file, version, MINOR_MAX),
					null);
		}
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.ISO_8859_1);
	}

}
