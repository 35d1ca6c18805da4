package dev.kvserver.server.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.authpb.Role;
import dev.kvserver.proto.authpb.User;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.storage.WriteBatch;

/**
 * How users, roles and the two settings are stored: byte for byte as in etcd's database
 * (etcd-contract appendix C.1), so that a snapshot copies them as they are.
 */
final class AuthBuckets {

	private static final byte[] ENABLED = "authEnabled".getBytes(StandardCharsets.UTF_8);

	private static final byte[] REVISION = "authRevision".getBytes(StandardCharsets.UTF_8);

	private AuthBuckets() {
	}

	static AuthState load(Storage storage) {
		AuthState state = AuthState.EMPTY;
		try (Storage.Scan scan = storage.scan(Bucket.AUTH_ROLES, new byte[0], null)) {
			while (scan.next()) {
				state = state.withRole(Role.parseFrom(scan.value()));
			}
		}
		catch (InvalidProtocolBufferException ex) {
			throw new StorageException("authRoles bucket: an entry is not a role", ex);
		}
		try (Storage.Scan scan = storage.scan(Bucket.AUTH_USERS, new byte[0], null)) {
			while (scan.next()) {
				state = state.withUser(User.parseFrom(scan.value()));
			}
		}
		catch (InvalidProtocolBufferException ex) {
			throw new StorageException("authUsers bucket: an entry is not a user", ex);
		}
		byte[] revision = storage.get(Bucket.AUTH, REVISION);
		byte[] enabled = storage.get(Bucket.AUTH, ENABLED);
		state = (revision != null) ? state.withRevision(ByteBuffer.wrap(revision).getLong()) : state;
		return state.withEnabled(enabled != null && enabled.length == 1 && enabled[0] == 1);
	}

	static void putEnabled(WriteBatch batch, boolean enabled) {
		batch.put(Bucket.AUTH, ENABLED, new byte[] { (byte) (enabled ? 1 : 0) });
	}

	static void putRevision(WriteBatch batch, long revision) {
		batch.put(Bucket.AUTH, REVISION, ByteBuffer.allocate(Long.BYTES).putLong(revision).array());
	}

	static void put(WriteBatch batch, User user) {
		batch.put(Bucket.AUTH_USERS, user.getName().toByteArray(), user.toByteArray());
	}

	static void deleteUser(WriteBatch batch, String name) {
		batch.delete(Bucket.AUTH_USERS, Names.bytes(name));
	}

	static void put(WriteBatch batch, Role role) {
		batch.put(Bucket.AUTH_ROLES, role.getName().toByteArray(), role.toByteArray());
	}

	static void deleteRole(WriteBatch batch, String name) {
		batch.delete(Bucket.AUTH_ROLES, Names.bytes(name));
	}

}
