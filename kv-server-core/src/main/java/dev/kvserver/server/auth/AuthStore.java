package dev.kvserver.server.auth;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.authpb.Role;
import dev.kvserver.proto.authpb.User;
import dev.kvserver.proto.authpb.UserAddOptions;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthRoleRevokePermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.WriteBatch;

/**
 * Users, roles and tokens, and whether they are asked for.
 * <p>
 * The apply thread changes it, entry by entry, and sees its own changes at once;
 * everybody else sees the {@link AuthState} that {@link #publish()} has shown last,
 * together with the rest of a batch. Reading that is one volatile read, which is all that
 * a server without auth pays.
 * <p>
 * Answers to etcd's {@code auth/store.go}. Who may make a change is not asked here.
 */
public final class AuthStore {

	private final TokenProvider tokens;

	private volatile AuthState published = AuthState.EMPTY;

	/** What will be published with the data that is being shown. */
	private volatile AuthState coming = AuthState.EMPTY;

	/** As of what has been applied so far; the apply thread's. */
	private AuthState current = AuthState.EMPTY;

	/** Whether all tokens end when the current batch is published. */
	private boolean tokensEnd;

	private volatile Runnable onEnabled = () -> {
	};

	/**
	 * Makes an empty store, with auth disabled.
	 * @param tokens gives out tokens and knows them again
	 */
	public AuthStore(TokenProvider tokens) {
		this.tokens = tokens;
	}

	/**
	 * Reads what is stored. Before the apply thread starts, or on it; blocks on the disk.
	 * @param storage where the changes were put
	 * @throws dev.kvserver.server.storage.StorageException if an entry cannot be read
	 */
	public void load(Storage storage) {
		this.current = AuthBuckets.load(storage);
		this.published = this.current;
		this.coming = this.current;
	}

	/**
	 * Sets who is told, on the apply thread, each time readers are shown that auth has
	 * been enabled.
	 * @param listener the listener; must not block
	 */
	public void onEnabled(Runnable listener) {
		this.onEnabled = listener;
	}

	/**
	 * What readers go by. Any thread.
	 * @return the state at the published revision
	 */
	public AuthState state() {
		return this.published;
	}

	/**
	 * Checks, after a read, that users and roles are still those that allowed it. What
	 * was read may be as new as the changes that are about to be published: a value that
	 * was put behind a revocation must not be read by a permission from before it. Any
	 * thread.
	 * @param info who asked
	 * @throws dev.kvserver.server.error.EtcdException {@code AUTH_OLD_REVISION}
	 */
	public void checkUnchanged(AuthInfo info) {
		this.coming.checkUnchanged(info);
	}

	/**
	 * The same for what was asked about at an auth revision. Any thread.
	 * @param revision the revision
	 * @throws dev.kvserver.server.error.EtcdException {@code AUTH_OLD_REVISION}
	 */
	public void checkUnchanged(long revision) {
		if (this.coming.revision() != revision) {
			throw EtcdError.AUTH_OLD_REVISION.exception();
		}
	}

	/**
	 * Who shows these credentials. Any thread; does not block.
	 * @param credentials what a caller shows
	 * @param state what {@link #state()} has answered for the same request
	 * @return the caller; nobody while auth is disabled or without credentials
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_TOKEN}
	 */
	public AuthInfo identify(Credentials credentials, AuthState state) {
		if (!state.enabled()) {
			return AuthInfo.NOBODY;
		}
		if (credentials.isEmbedder()) {
			return AuthInfo.EMBEDDER;
		}
		String token = credentials.token();
		if (token != null) {
			AuthInfo info = this.tokens.find(token, state.revision());
			if (info == null) {
				throw EtcdError.INVALID_AUTH_TOKEN.exception();
			}
			return info;
		}
		String commonName = credentials.commonName();
		return (commonName != null) ? new AuthInfo(commonName, state.revision()) : AuthInfo.NOBODY;
	}

	/**
	 * Gives out tokens.
	 * @return the provider
	 */
	public TokenProvider tokens() {
		return this.tokens;
	}

	// The apply thread's part.

	/**
	 * The state as of what has been applied so far. Apply thread.
	 * @return the state
	 */
	public AuthState current() {
		return this.current;
	}

	/**
	 * Tells readers that users and roles change. Apply thread, before anything of the
	 * batch can be read; {@link #publish()} comes after it.
	 */
	public void announce() {
		if (this.coming != this.current) {
			this.coming = this.current;
		}
	}

	/**
	 * Shows readers what was done since the last call. Apply thread, together with the
	 * store's own publication.
	 */
	public void publish() {
		AuthState before = this.published;
		if (before != this.current) {
			this.published = this.current;
			if (this.current.enabled() && !before.enabled()) {
				this.onEnabled.run();
			}
		}
		if (this.tokensEnd) {
			this.tokensEnd = false;
			this.tokens.invalidateAll();
		}
	}

	/**
	 * Enables auth; nothing happens if it is enabled. Apply thread.
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code ROOT_USER_NOT_EXIST} or
	 * {@code ROOT_ROLE_NOT_EXIST}
	 */
	public void enable(WriteBatch batch) {
		if (this.current.enabled()) {
			return;
		}
		User root = this.current.user(AuthState.ROOT);
		if (root == null) {
			throw EtcdError.ROOT_USER_NOT_EXIST.exception();
		}
		if (!root.getRolesList().contains(AuthState.ROOT)) {
			throw EtcdError.ROOT_ROLE_NOT_EXIST.exception();
		}
		AuthBuckets.putEnabled(batch, true);
		this.current = this.current.withEnabled(true);
	}

	/**
	 * Disables auth, which ends all simple tokens; nothing happens if it is disabled.
	 * Apply thread.
	 * @param batch where the change is stored
	 */
	public void disable(WriteBatch batch) {
		if (this.current.enabled()) {
			AuthBuckets.putEnabled(batch, false);
			this.tokensEnd = true;
			change(this.current.withEnabled(false), batch);
		}
	}

	/**
	 * Notes a login whose password was right. Apply thread.
	 * @param user who logs in
	 * @param random the random part of the token
	 * @param index the entry's place in the log
	 * @return what {@link TokenProvider#issue} needs
	 * @throws dev.kvserver.server.error.EtcdException {@code AUTH_NOT_ENABLED} or
	 * {@code AUTH_FAILED}
	 */
	public String login(String user, String random, long index) {
		if (!this.current.enabled()) {
			throw EtcdError.AUTH_NOT_ENABLED.exception();
		}
		User stored = this.current.user(user);
		if (stored == null || stored.getOptions().getNoPassword()) {
			throw EtcdError.AUTH_FAILED.exception();
		}
		return this.tokens.login(user, random, index);
	}

	/**
	 * Adds a user. Apply thread.
	 * @param request the user, its password hashed
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_EMPTY},
	 * {@code USER_ALREADY_EXIST} or {@code NO_PASSWORD_USER}
	 */
	public void addUser(AuthUserAddRequest request, WriteBatch batch) {
		if (request.getName().isEmpty()) {
			throw EtcdError.USER_EMPTY.exception();
		}
		if (this.current.user(request.getName()) != null) {
			throw EtcdError.USER_ALREADY_EXIST.exception();
		}
		User.Builder user = User.newBuilder()
			.setName(ByteString.copyFromUtf8(request.getName()))
			.setOptions(request.hasOptions() ? request.getOptions() : UserAddOptions.getDefaultInstance());
		if (!user.getOptions().getNoPassword()) {
			user.setPassword(decode(request.getHashedPassword()));
		}
		putUser(user.build(), batch);
	}

	/**
	 * Deletes a user and ends its simple tokens. Apply thread.
	 * @param name the user
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_MGMT} or
	 * {@code USER_NOT_FOUND}
	 */
	public void deleteUser(String name, WriteBatch batch) {
		if (this.current.enabled() && name.equals(AuthState.ROOT)) {
			throw EtcdError.INVALID_AUTH_MGMT.exception();
		}
		existingUser(name);
		AuthBuckets.deleteUser(batch, name);
		this.tokens.invalidate(name);
		change(this.current.withoutUser(name), batch);
	}

	/**
	 * Sets a password, which ends the user's simple tokens. Apply thread.
	 * @param request the user and its new password, hashed
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_NOT_FOUND} or
	 * {@code NO_PASSWORD_USER}
	 */
	public void changePassword(AuthUserChangePasswordRequest request, WriteBatch batch) {
		User user = existingUser(request.getName());
		ByteString password = user.getOptions().getNoPassword() ? ByteString.EMPTY
				: decode(request.getHashedPassword());
		this.tokens.invalidate(request.getName());
		putUser(user.toBuilder().setPassword(password).build(), batch);
	}

	/** etcd's answer to a hash that is none is odd, but this is it. */
	private static ByteString decode(String hashedPassword) {
		try {
			if (hashedPassword.length() % 4 == 0) {
				return ByteString.copyFrom(Base64.getDecoder().decode(hashedPassword));
			}
		}
		catch (IllegalArgumentException ex) {
			// Answered below.
		}
		throw EtcdError.NO_PASSWORD_USER.exception();
	}

	/**
	 * Grants a role; nothing happens if the user holds it. Apply thread.
	 * @param name the user
	 * @param role the role, which must exist unless it is {@code root}
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code USER_NOT_FOUND} or
	 * {@code ROLE_NOT_FOUND}
	 */
	public void grantRole(String name, String role, WriteBatch batch) {
		User user = existingUser(name);
		if (!role.equals(AuthState.ROOT)) {
			existingRole(role);
		}
		if (user.getRolesList().contains(role)) {
			return;
		}
		List<String> roles = new ArrayList<>(user.getRolesList());
		roles.add(role);
		roles.sort(Names.ORDER);
		putUser(user.toBuilder().clearRoles().addAllRoles(roles).build(), batch);
	}

	/**
	 * Revokes a role. Apply thread.
	 * @param name the user
	 * @param role the role
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_MGMT},
	 * {@code USER_NOT_FOUND} or {@code ROLE_NOT_GRANTED}
	 */
	public void revokeRole(String name, String role, WriteBatch batch) {
		if (this.current.enabled() && name.equals(AuthState.ROOT) && role.equals(AuthState.ROOT)) {
			throw EtcdError.INVALID_AUTH_MGMT.exception();
		}
		User user = existingUser(name);
		if (!user.getRolesList().contains(role)) {
			throw EtcdError.ROLE_NOT_GRANTED.exception();
		}
		putUser(without(user, role), batch);
	}

	private static User without(User user, String role) {
		List<String> roles = new ArrayList<>(user.getRolesList());
		roles.remove(role);
		return user.toBuilder().clearRoles().addAllRoles(roles).build();
	}

	/**
	 * Adds a role without permissions. Apply thread.
	 * @param name the role
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code ROLE_EMPTY} or
	 * {@code ROLE_ALREADY_EXIST}
	 */
	public void addRole(String name, WriteBatch batch) {
		if (name.isEmpty()) {
			throw EtcdError.ROLE_EMPTY.exception();
		}
		if (this.current.role(name) != null) {
			throw EtcdError.ROLE_ALREADY_EXIST.exception();
		}
		putRole(Role.newBuilder().setName(ByteString.copyFromUtf8(name)).build(), batch);
	}

	/**
	 * Deletes a role and takes it from all users. Apply thread.
	 * @param name the role
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code INVALID_AUTH_MGMT} or
	 * {@code ROLE_NOT_FOUND}
	 */
	public void deleteRole(String name, WriteBatch batch) {
		if (this.current.enabled() && name.equals(AuthState.ROOT)) {
			throw EtcdError.INVALID_AUTH_MGMT.exception();
		}
		existingRole(name);
		AuthBuckets.deleteRole(batch, name);
		AuthState next = this.current.withoutRole(name);
		for (String holder : this.current.userNames()) {
			User user = existingUser(holder);
			if (user.getRolesList().contains(name)) {
				User stripped = without(user, name);
				AuthBuckets.put(batch, stripped);
				next = next.withUser(stripped);
			}
		}
		change(next, batch);
	}

	/**
	 * Grants a permission, or changes the type of one that was granted on the same range.
	 * Apply thread.
	 * @param request the role and the permission
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code PERMISSION_NOT_GIVEN},
	 * {@code INVALID_AUTH_MGMT} or {@code ROLE_NOT_FOUND}
	 */
	public void grantPermission(AuthRoleGrantPermissionRequest request, WriteBatch batch) {
		if (!request.hasPerm()) {
			throw EtcdError.PERMISSION_NOT_GIVEN.exception();
		}
		Permission granted = request.getPerm();
		if (granted.getKey().isEmpty() || KeyRange.of(granted.getKey(), granted.getRangeEnd()).isEmpty()) {
			throw EtcdError.INVALID_AUTH_MGMT.exception();
		}
		Role role = existingRole(request.getName());
		List<Permission> permissions = new ArrayList<>(role.getKeyPermissionList());
		int place = firstAtOrBehind(permissions, granted.getKey());
		if (place < permissions.size() && isOn(permissions.get(place), granted.getKey(), granted.getRangeEnd())) {
			permissions.set(place, granted);
		}
		else {
			permissions.add(placeBehind(permissions, granted.getKey(), place), granted);
		}
		putRole(role.toBuilder().clearKeyPermission().addAllKeyPermission(permissions).build(), batch);
	}

	private static int firstAtOrBehind(List<Permission> permissions, ByteString key) {
		int place = 0;
		while (place < permissions.size() && compare(permissions.get(place).getKey(), key) < 0) {
			place++;
		}
		return place;
	}

	/**
	 * Behind those on the same key: only the first of them is ever replaced, as in etcd.
	 */
	private static int placeBehind(List<Permission> permissions, ByteString key, int from) {
		int place = from;
		while (place < permissions.size() && permissions.get(place).getKey().equals(key)) {
			place++;
		}
		return place;
	}

	private static int compare(ByteString left, ByteString right) {
		return ByteString.unsignedLexicographicalComparator().compare(left, right);
	}

	private static boolean isOn(Permission permission, ByteString key, ByteString rangeEnd) {
		return permission.getKey().equals(key) && permission.getRangeEnd().equals(rangeEnd);
	}

	/**
	 * Revokes a permission. Apply thread.
	 * @param request the role, and the range exactly as it was granted
	 * @param batch where the change is stored
	 * @throws dev.kvserver.server.error.EtcdException {@code ROLE_NOT_FOUND} or
	 * {@code PERMISSION_NOT_GRANTED}
	 */
	public void revokePermission(AuthRoleRevokePermissionRequest request, WriteBatch batch) {
		Role role = existingRole(request.getRole());
		List<Permission> permissions = new ArrayList<>(role.getKeyPermissionList());
		if (!permissions.removeIf((permission) -> isOn(permission, request.getKey(), request.getRangeEnd()))) {
			throw EtcdError.PERMISSION_NOT_GRANTED.exception();
		}
		putRole(role.toBuilder().clearKeyPermission().addAllKeyPermission(permissions).build(), batch);
	}

	private User existingUser(String name) {
		User user = this.current.user(name);
		if (user == null) {
			throw EtcdError.USER_NOT_FOUND.exception();
		}
		return user;
	}

	private Role existingRole(String name) {
		Role role = this.current.role(name);
		if (role == null) {
			throw EtcdError.ROLE_NOT_FOUND.exception();
		}
		return role;
	}

	private void putUser(User user, WriteBatch batch) {
		AuthBuckets.put(batch, user);
		change(this.current.withUser(user), batch);
	}

	private void putRole(Role role, WriteBatch batch) {
		AuthBuckets.put(batch, role);
		change(this.current.withRole(role), batch);
	}

	private void change(AuthState next, WriteBatch batch) {
		long revision = this.current.revision() + 1;
		AuthBuckets.putRevision(batch, revision);
		this.current = next.withRevision(revision);
	}

}
