package dev.kvserver.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

/**
 * The keys that tokens are signed and checked with: a private key gives its public one; a
 * public key alone can only check.
 */
final class JwtKeys {

	private final @Nullable PrivateKey privateKey;

	private final @Nullable PublicKey publicKey;

	private final @Nullable SecretKey secret;

	private JwtKeys(@Nullable PrivateKey privateKey, @Nullable PublicKey publicKey, @Nullable SecretKey secret) {
		this.privateKey = privateKey;
		this.publicKey = publicKey;
		this.secret = secret;
	}

	/**
	 * Reads keys as etcd does: PEM, or the bytes themselves for HMAC.
	 * @param algorithm what they are for
	 * @param privateKey a PEM file, or empty
	 * @param publicKey a PEM file, or empty
	 * @throws IllegalArgumentException if one cannot be read, is for something else, or
	 * they do not belong together
	 */
	static JwtKeys of(JwtAlgorithm algorithm, byte[] privateKey, byte[] publicKey) {
		if (algorithm.isHmac()) {
			return new JwtKeys(null, null, new SecretKeySpec(privateKey, "HMAC"));
		}
		PublicKey configured = (publicKey.length > 0) ? publicKey(algorithm, publicKey) : null;
		if (privateKey.length == 0) {
			return new JwtKeys(null, configured, null);
		}
		try {
			PrivateKey signing = PemKeys.privateKey(algorithm, text(privateKey));
			PublicKey derived = PublicKeys.of(signing);
			if (configured != null && !configured.equals(derived)) {
				throw new IllegalArgumentException("auth.token pub-key (expected: the one of priv-key)");
			}
			return new JwtKeys(signing, derived, null);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalArgumentException(unreadable("priv-key", algorithm), ex);
		}
	}

	private static PublicKey publicKey(JwtAlgorithm algorithm, byte[] pem) {
		try {
			return PemKeys.publicKey(algorithm, text(pem));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalArgumentException(unreadable("pub-key", algorithm), ex);
		}
	}

	private static String text(byte[] pem) {
		return new String(pem, StandardCharsets.ISO_8859_1);
	}

	private static String unreadable(String option, JwtAlgorithm algorithm) {
		return "auth.token " + option + " (expected: a PEM file with a key for " + algorithm + ")";
	}

	@Nullable PrivateKey privateKey() {
		return this.privateKey;
	}

	@Nullable PublicKey publicKey() {
		return this.publicKey;
	}

	@Nullable SecretKey secret() {
		return this.secret;
	}

	boolean canSign() {
		return this.privateKey != null || this.secret != null;
	}

	/** Says nothing of the keys. */
	@Override
	public String toString() {
		return canSign() ? "signing keys" : "a public key";
	}

}
