package dev.kvserver.server.auth;

import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

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
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.WriteBatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Users, roles and what is stored of them. */
class AuthStoreTests {

	private static final KeyRange KEY = KeyRange.single(new byte[] { 'k' });

	private final MemoryStorage storage = new MemoryStorage();

	private final WriteBatch batch = this.storage.newBatch();

	private final AuthStore store = new AuthStore(new SimpleTokens(300));

	@Test
	void authNeedsARootWithItsRole() {
		refused(EtcdError.ROOT_USER_NOT_EXIST, () -> this.store.enable(this.batch));
		addUser("root");
		refused(EtcdError.ROOT_ROLE_NOT_EXIST, () -> this.store.enable(this.batch));
		this.store.grantRole("root", "root", this.batch);
		long revision = this.store.current().revision();
		this.store.enable(this.batch);
		this.store.enable(this.batch);
		assertThat(this.store.current().enabled()).isTrue();
		assertThat(this.store.current().revision()).isEqualTo(revision);
		this.store.disable(this.batch);
		this.store.disable(this.batch);
		assertThat(this.store.current().revision()).isEqualTo(revision + 1);
	}

	@Test
	void itIsToldWhenAuthIsEnabledAndShown() {
		AtomicInteger told = new AtomicInteger();
		this.store.onEnabled(told::incrementAndGet);
		enable();
		assertThat(told).hasValue(0);
		this.store.publish();
		this.store.publish();
		assertThat(told).hasValue(1);
		this.store.disable(this.batch);
		this.store.publish();
		this.store.enable(this.batch);
		this.store.publish();
		assertThat(told).hasValue(2);
	}

	@Test
	void nobodyCanLockEverybodyOut() {
		enable();
		this.store.addRole("root", this.batch);
		refused(EtcdError.INVALID_AUTH_MGMT, () -> this.store.deleteUser("root", this.batch));
		refused(EtcdError.INVALID_AUTH_MGMT, () -> this.store.deleteRole("root", this.batch));
		refused(EtcdError.INVALID_AUTH_MGMT, () -> this.store.revokeRole("root", "root", this.batch));
		this.store.disable(this.batch);
		this.store.deleteRole("root", this.batch);
		this.store.deleteUser("root", this.batch);
		assertThat(this.store.current().userNames()).isEmpty();
	}

	@Test
	void changesOfNothingAreRefused() {
		refused(EtcdError.USER_EMPTY, () -> addUser(""));
		refused(EtcdError.USER_NOT_FOUND, () -> this.store.deleteUser("u", this.batch));
		refused(EtcdError.USER_NOT_FOUND, () -> this.store.grantRole("u", "r", this.batch));
		refused(EtcdError.ROLE_EMPTY, () -> this.store.addRole("", this.batch));
		refused(EtcdError.ROLE_NOT_FOUND, () -> this.store.deleteRole("r", this.batch));
		addUser("u");
		refused(EtcdError.USER_ALREADY_EXIST, () -> addUser("u"));
		refused(EtcdError.ROLE_NOT_FOUND, () -> this.store.grantRole("u", "r", this.batch));
		refused(EtcdError.ROLE_NOT_GRANTED, () -> this.store.revokeRole("u", "r", this.batch));
		refused(EtcdError.AUTH_NOT_ENABLED, () -> this.store.login("u", "a", 1));
		this.store.addRole("r", this.batch);
		refused(EtcdError.ROLE_ALREADY_EXIST, () -> this.store.addRole("r", this.batch));
		refused(EtcdError.PERMISSION_NOT_GRANTED,
				() -> this.store.revokePermission(
						AuthRoleRevokePermissionRequest.newBuilder().setRole("r").setKey(utf8("k")).build(),
						this.batch));
		refused(EtcdError.NO_PASSWORD_USER,
				() -> this.store.changePassword(
						AuthUserChangePasswordRequest.newBuilder().setName("u").setHashedPassword("abc").build(),
						this.batch));
		enable();
		refused(EtcdError.AUTH_FAILED, () -> this.store.login("nobody", "a", 1));
	}

	/** CVE row 14: a permission on an impossible range must not become one on all. */
	@Test
	void permissionsOnImpossibleRangesAreRefused() {
		this.store.addRole("r", this.batch);
		refused(EtcdError.PERMISSION_NOT_GIVEN, () -> this.store
			.grantPermission(AuthRoleGrantPermissionRequest.newBuilder().setName("absent").build(), this.batch));
		refused(EtcdError.INVALID_AUTH_MGMT, () -> grant("absent", Permission.Type.READ, "", ""));
		refused(EtcdError.INVALID_AUTH_MGMT, () -> grant("r", Permission.Type.READ, "", "\0"));
		refused(EtcdError.INVALID_AUTH_MGMT, () -> grant("r", Permission.Type.READ, "k", "k"));
		refused(EtcdError.INVALID_AUTH_MGMT, () -> grant("r", Permission.Type.READ, "k", "a"));
		refused(EtcdError.ROLE_NOT_FOUND, () -> grant("absent", Permission.Type.READ, "k", ""));
	}

	@Test
	void aPermissionGrantedAgainChangesItsType() {
		this.store.addRole("r", this.batch);
		addUser("u");
		this.store.grantRole("u", "r", this.batch);
		grant("r", Permission.Type.READ, "k", "");
		enable();
		AuthInfo caller = new AuthInfo("u", this.store.current().revision());
		this.store.current().checkRead(caller, KEY);
		refused(EtcdError.PERMISSION_DENIED, () -> this.store.current().checkWrite(caller, KEY));
		grant("r", Permission.Type.WRITE, "k", "");
		refused(EtcdError.AUTH_OLD_REVISION, () -> this.store.current().checkWrite(caller, KEY));
		AuthInfo now = new AuthInfo("u", this.store.current().revision());
		this.store.current().checkWrite(now, KEY);
		refused(EtcdError.PERMISSION_DENIED, () -> this.store.current().checkRead(now, KEY));
	}

	@Test
	void whoIsUnknownMayNothing() {
		enable();
		AuthInfo ghost = new AuthInfo("ghost", this.store.current().revision());
		refused(EtcdError.PERMISSION_DENIED, () -> this.store.current().checkRead(ghost, KEY));
		refused(EtcdError.USER_NOT_FOUND, () -> this.store.current().checkAdmin(ghost));
		refused(EtcdError.USER_EMPTY, () -> this.store.current().checkRead(AuthInfo.NOBODY, KEY));
		refused(EtcdError.USER_EMPTY, () -> this.store.current().checkAdmin(AuthInfo.NOBODY));
		refused(EtcdError.USER_EMPTY, () -> this.store.current().checkUser(AuthInfo.NOBODY));
		this.store.current().checkRead(AuthInfo.EMBEDDER, KEY);
		this.store.current().checkUnchanged(AuthInfo.EMBEDDER);
	}

	@Test
	void deletingARoleTakesItFromItsUsers() {
		this.store.addRole("r", this.batch);
		addUser("u");
		this.store.grantRole("u", "r", this.batch);
		this.store.deleteRole("r", this.batch);
		this.store.addRole("r", this.batch);
		User user = this.store.current().user("u");
		assertThat(user).isNotNull().extracting(User::getRolesCount).isEqualTo(0);
	}

	@Test
	void readersSeeChangesWhenTheyArePublished() {
		addUser("u");
		assertThat(this.store.state().userNames()).isEmpty();
		this.store.publish();
		assertThat(this.store.state().userNames()).containsExactly("u");
	}

	/** Between the two the data that was changed behind a revocation is shown. */
	@Test
	void aReadByOldPermissionsIsRefusedBeforeNewOnesAreShown() {
		enable();
		this.store.announce();
		this.store.publish();
		AuthInfo reader = new AuthInfo("root", this.store.state().revision());
		this.store.addRole("r", this.batch);
		this.store.checkUnchanged(reader);
		this.store.announce();
		assertThat(this.store.state().revision()).isEqualTo(reader.revision());
		refused(EtcdError.AUTH_OLD_REVISION, () -> this.store.checkUnchanged(reader));
		this.store.checkUnchanged(AuthInfo.EMBEDDER);
		this.store.publish();
		this.store.checkUnchanged(new AuthInfo("root", this.store.state().revision()));
	}

	/** Appendix C.1: bucket auth, authUsers and authRoles as etcd writes them. */
	@Test
	void theBucketsHoldEtcdsBytes() {
		addUser("u");
		this.store.addRole("r", this.batch);
		grant("r", Permission.Type.READWRITE, "k", "l");
		this.store.grantRole("u", "r", this.batch);
		addUser("root");
		this.store.grantRole("root", "root", this.batch);
		this.store.enable(this.batch);
		this.storage.write(this.batch);
		User user = User.newBuilder()
			.setName(utf8("u"))
			.setPassword(utf8("hash"))
			.addRoles("r")
			.setOptions(UserAddOptions.getDefaultInstance())
			.build();
		Role role = Role.newBuilder()
			.setName(utf8("r"))
			.addKeyPermission(Permission.newBuilder()
				.setPermType(Permission.Type.READWRITE)
				.setKey(utf8("k"))
				.setRangeEnd(utf8("l")))
			.build();
		assertThat(this.storage.get(Bucket.AUTH_USERS, bytes("u"))).isEqualTo(user.toByteArray());
		assertThat(this.storage.get(Bucket.AUTH_ROLES, bytes("r"))).isEqualTo(role.toByteArray());
		assertThat(this.storage.get(Bucket.AUTH, bytes("authEnabled"))).containsExactly(1);
		assertThat(this.storage.get(Bucket.AUTH, bytes("authRevision"))).containsExactly(0, 0, 0, 0, 0, 0, 0, 7);
		AuthStore loaded = new AuthStore(new SimpleTokens(300));
		loaded.load(this.storage);
		assertThat(loaded.state().enabled()).isTrue();
		assertThat(loaded.state().revision()).isEqualTo(7);
		assertThat(loaded.state().user("u")).isEqualTo(user);
		loaded.state().checkWrite(new AuthInfo("u", 7), KEY);
	}

	private void enable() {
		addUser("root");
		this.store.grantRole("root", "root", this.batch);
		this.store.enable(this.batch);
	}

	private void addUser(String name) {
		String hash = Base64.getEncoder().encodeToString(bytes("hash"));
		this.store.addUser(AuthUserAddRequest.newBuilder().setName(name).setHashedPassword(hash).build(), this.batch);
	}

	private void grant(String role, Permission.Type type, String key, String end) {
		Permission permission = Permission.newBuilder()
			.setPermType(type)
			.setKey(utf8(key))
			.setRangeEnd(utf8(end))
			.build();
		this.store.grantPermission(
				AuthRoleGrantPermissionRequest.newBuilder().setName(role).setPerm(permission).build(), this.batch);
	}

	private static void refused(EtcdError error, ThrowingCallable change) {
		assertThatThrownBy(change).isSameAs(error.exception());
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private static byte[] bytes(String text) {
		return utf8(text).toByteArray();
	}

}
