package dev.kvserver.server.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.google.protobuf.ByteString;
import dev.kvserver.server.error.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * Hashes passwords and checks them, as etcd does: bcrypt of at most 72 bytes. Both take a
 * tenth of a second by design, so they never run on a thread that others wait for; but a
 * password that was checked a moment ago is known at once.
 * <p>
 * Thread-safe.
 */
public final class Passwords {

	private static final int BYTES_MAX = 72;

	private static final BCrypt.Version VERSION = BCrypt.Version.VERSION_2A;

	private final int cost;

	private final CheckedPasswords checked;

	/**
	 * Makes a checker.
	 * @param cost two to the power of this are bcrypt's rounds, 4 to 31
	 * @param secret random bytes of this process, which make what it remembers worthless
	 * elsewhere
	 */
	public Passwords(int cost, byte[] secret) {
		this.cost = cost;
		this.checked = new CheckedPasswords(secret);
	}

	/**
	 * Refuses what is too long to be hashed.
	 * @param password the password
	 * @throws dev.kvserver.server.error.EtcdException {@code PASSWORD_TOO_LONG}
	 */
	public static void checkLength(String password) {
		if (bytes(password).length > BYTES_MAX) {
			throw EtcdError.PASSWORD_TOO_LONG.exception();
		}
	}

	/**
	 * Hashes a password. Slow.
	 * @param password at most 72 bytes, possibly empty
	 * @return the hash, encoded as the log has it
	 */
	public String hash(String password) {
		byte[] hash = BCrypt.with(VERSION, LongPasswordStrategies.truncate(VERSION)).hash(this.cost, bytes(password));
		return Base64.getEncoder().encodeToString(hash);
	}

	/**
	 * Whether a password is known to be right or wrong. Fast.
	 * @param hash the stored hash
	 * @param password the password
	 * @return the answer, or {@code null} if only {@link #check} can tell
	 */
	public @Nullable Boolean recall(ByteString hash, String password) {
		// An empty password is what a user has whose password was forgotten to be set.
		if (password.isEmpty() || hash.isEmpty()) {
			return Boolean.FALSE;
		}
		return this.checked.recall(hash, bytes(password));
	}

	/**
	 * Whether a password is the one that was hashed. Slow.
	 * @param hash the stored hash
	 * @param password the password
	 * @return {@code true} if it is; never for an empty password
	 */
	public boolean check(ByteString hash, String password) {
		Boolean known = recall(hash, password);
		if (known != null) {
			return known;
		}
		byte[] typed = bytes(password);
		boolean right = BCrypt.verifyer(VERSION, LongPasswordStrategies.truncate(VERSION))
			.verify(Arrays.copyOf(typed, Math.min(typed.length, BYTES_MAX)), hash.toByteArray()).verified;
		this.checked.remember(hash, typed, right);
		return right;
	}

	private static byte[] bytes(String password) {
		return password.getBytes(StandardCharsets.UTF_8);
	}

}
