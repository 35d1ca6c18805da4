package dev.kvserver.server.auth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.authpb.Role;
import dev.kvserver.proto.authpb.User;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Users, roles and whether they matter, at one auth revision. Immutable: a reader that
 * holds one decides everything about its request by it.
 * <p>
 * Each check either returns or throws what the client gets (etcd-contract section 2.13).
 * While auth is disabled every check passes.
 */
public final class AuthState {

	/** The user and the role that may do everything. */
	static final String ROOT = "root";

	static final AuthState EMPTY = new AuthState(false, 1, Map.of(), Map.of());

	private final boolean enabled;

	private final long revision;

	private final Map<String, KnownUser> users;

	private final Map<String, Role> roles;

	private AuthState(boolean enabled, long revision, Map<String, KnownUser> users, Map<String, Role> roles) {
		this.enabled = enabled;
		this.revision = revision;
		this.users = users;
		this.roles = roles;
	}

	/** A user with what its roles come to. */
	private record KnownUser(User user, boolean root, KeyIntervals readable, KeyIntervals writable) {
	}

	/**
	 * Whether calls are checked at all.
	 * @return {@code true} while auth is enabled
	 */
	public boolean enabled() {
		return this.enabled;
	}

	/**
	 * Counts the changes of users and roles.
	 * @return the revision, from 1
	 */
	public long revision() {
		return this.revision;
	}

	/**
	 * Checks that a user may read a range.
	 * @param info who asks
	 * @param range the range
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_EMPTY},
	 * {@code AUTH_OLD_REVISION} or {@code PERMISSION_DENIED}
	 */
	public void checkRead(AuthInfo info, KeyRange range) {
		KnownUser user = known(info);
		if (user != null && !user.root && !user.readable.contain(range)) {
			throw EtcdError.PERMISSION_DENIED.exception();
		}
	}

	/**
	 * Checks that a user may put the keys of a range, or delete them.
	 * @param info who asks
	 * @param range the range
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_EMPTY},
	 * {@code AUTH_OLD_REVISION} or {@code PERMISSION_DENIED}
	 */
	public void checkWrite(AuthInfo info, KeyRange range) {
		KnownUser user = known(info);
		if (user != null && !user.root && !user.writable.contain(range)) {
			throw EtcdError.PERMISSION_DENIED.exception();
		}
	}

	/** The user who asks, or null while nobody is asked for. */
	private @Nullable KnownUser known(AuthInfo info) {
		if (!this.enabled) {
			return null;
		}
		if (info.revision() == 0) {
			throw EtcdError.USER_EMPTY.exception();
		}
		if (Long.compareUnsigned(info.revision(), this.revision) < 0) {
			throw EtcdError.AUTH_OLD_REVISION.exception();
		}
		KnownUser user = this.users.get(info.user());
		if (user == null) {
			throw EtcdError.PERMISSION_DENIED.exception();
		}
		return user;
	}

	/**
	 * Checks that a user holds the role {@code root}. How old its identity is does not
	 * matter, as in etcd.
	 * @param info who asks
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_EMPTY},
	 * {@code USER_NOT_FOUND} or {@code PERMISSION_DENIED}
	 */
	public void checkAdmin(AuthInfo info) {
		if (!this.enabled) {
			return;
		}
		if (info.user().isEmpty()) {
			throw EtcdError.USER_EMPTY.exception();
		}
		KnownUser user = this.users.get(info.user());
		if (user == null) {
			throw EtcdError.USER_NOT_FOUND.exception();
		}
		if (!user.root) {
			throw EtcdError.PERMISSION_DENIED.exception();
		}
	}

	/**
	 * Whether {@link #checkAdmin} would pass.
	 * @param info who asks
	 * @return {@code true} for an administrator, and for everybody while auth is disabled
	 */
	public boolean isAdmin(AuthInfo info) {
		if (!this.enabled) {
			return true;
		}
		KnownUser user = this.users.get(info.user());
		return user != null && user.root;
	}

	/**
	 * Checks that there is a caller at all.
	 * @param info who asks
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_EMPTY}
	 */
	public void checkUser(AuthInfo info) {
		if (this.enabled && info.isNobody()) {
			throw EtcdError.USER_EMPTY.exception();
		}
	}

	/**
	 * Checks, after a read, that nothing has changed since the caller was identified.
	 * @param info who asked
	 * @throws dev.kvserver.server.error.EtcdException {@code AUTH_OLD_REVISION}
	 */
	public void checkUnchanged(AuthInfo info) {
		if (info.revision() != 0 && info.revision() != this.revision && !info.equals(AuthInfo.EMBEDDER)) {
			throw EtcdError.AUTH_OLD_REVISION.exception();
		}
	}

	/**
	 * A stored user.
	 * @param name its name
	 * @return the user, or {@code null} if there is none
	 */
	public @Nullable User user(String name) {
		KnownUser known = this.users.get(name);
		return (known != null) ? known.user : null;
	}

	/**
	 * A stored role.
	 * @param name its name
	 * @return the role, or {@code null} if there is none
	 */
	public @Nullable Role role(String name) {
		return this.roles.get(name);
	}

	/**
	 * All users.
	 * @return the names in byte order
	 */
	public List<String> userNames() {
		return sorted(this.users);
	}

	/**
	 * All roles.
	 * @return the names in byte order
	 */
	public List<String> roleNames() {
		return sorted(this.roles);
	}

	private static List<String> sorted(Map<String, ?> byName) {
		List<String> names = new ArrayList<>(byName.keySet());
		names.sort(Names.ORDER);
		return Collections.unmodifiableList(names);
	}

	// How a state follows from the one before.

	AuthState withEnabled(boolean nextEnabled) {
		return new AuthState(nextEnabled, this.revision, this.users, this.roles);
	}

	AuthState withRevision(long nextRevision) {
		return new AuthState(this.enabled, nextRevision, this.users, this.roles);
	}

	AuthState withUser(User user) {
		Map<String, KnownUser> nextUsers = new HashMap<>(this.users);
		nextUsers.put(user.getName().toStringUtf8(), known(user, this.roles));
		return new AuthState(this.enabled, this.revision, nextUsers, this.roles);
	}

	AuthState withoutUser(String name) {
		Map<String, KnownUser> nextUsers = new HashMap<>(this.users);
		nextUsers.remove(name);
		return new AuthState(this.enabled, this.revision, nextUsers, this.roles);
	}

	AuthState withRole(Role role) {
		Map<String, Role> nextRoles = new HashMap<>(this.roles);
		nextRoles.put(role.getName().toStringUtf8(), role);
		return withRoles(nextRoles, role.getName().toStringUtf8());
	}

	AuthState withoutRole(String name) {
		Map<String, Role> nextRoles = new HashMap<>(this.roles);
		nextRoles.remove(name);
		return withRoles(nextRoles, name);
	}

	/** With other roles, and new permissions for those who hold the changed one. */
	private AuthState withRoles(Map<String, Role> nextRoles, String changed) {
		Map<String, KnownUser> nextUsers = new HashMap<>(this.users);
		nextUsers.replaceAll(
				(name, user) -> user.user.getRolesList().contains(changed) ? known(user.user, nextRoles) : user);
		return new AuthState(this.enabled, this.revision, nextUsers, nextRoles);
	}

	private static KnownUser known(User user, Map<String, Role> roles) {
		List<KeyRange> readable = new ArrayList<>();
		List<KeyRange> writable = new ArrayList<>();
		for (String name : user.getRolesList()) {
			Role role = roles.get(name);
			List<Permission> permissions = (role != null) ? role.getKeyPermissionList() : List.of();
			for (Permission permission : permissions) {
				addTo(readable, writable, permission);
			}
		}
		return new KnownUser(user, user.getRolesList().contains(ROOT), KeyIntervals.of(readable),
				KeyIntervals.of(writable));
	}

	private static void addTo(List<KeyRange> readable, List<KeyRange> writable, Permission permission) {
		ByteString end = permission.getRangeEnd();
		KeyRange range = KeyRange.of(permission.getKey(), end);
		switch (permission.getPermType()) {
			case READ -> readable.add(range);
			case WRITE -> writable.add(range);
			case READWRITE -> {
				readable.add(range);
				writable.add(range);
			}
			case UNRECOGNIZED -> {
				// A type of the future allows nothing.
			}
		}
	}

}
