package dev.kvserver.server.auth;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which passwords were right and which were wrong, so that clients that log in
 * again and again, be it with a wrong password, cost a microsecond and not a tenth of a
 * second.
 * <p>
 * What is kept of a password is a keyed hash of it together with the stored hash: a new
 * password makes it meaningless. Right and wrong ones are kept apart, so that guessing
 * does not push the right ones out. Thread-safe.
 */
final class CheckedPasswords {

	static final int REMEMBERED_MAX = 1_000;

	private static final String HMAC = "HmacSHA256";

	private final SecretKeySpec key;

	private final Map<ByteString, Boolean> right = new Newest();

	private final Map<ByteString, Boolean> wrong = new Newest();

	CheckedPasswords(byte[] secret) {
		this.key = new SecretKeySpec(secret, HMAC);
	}

	/** Event loops ask: the lock is held for a look, not for the sum. */
	@Nullable Boolean recall(ByteString hash, byte[] password) {
		ByteString digest = digest(hash, password);
		synchronized (this) {
			Boolean known = this.right.get(digest);
			return (known != null) ? known : this.wrong.get(digest);
		}
	}

	void remember(ByteString hash, byte[] password, boolean isRight) {
		ByteString digest = digest(hash, password);
		synchronized (this) {
			(isRight ? this.right : this.wrong).put(digest, isRight);
		}
	}

	private ByteString digest(ByteString hash, byte[] password) {
		try {
			Mac mac = Mac.getInstance(HMAC);
			mac.init(this.key);
			mac.update(hash.asReadOnlyByteBuffer());
			mac.update((byte) 0);
			return ByteString.copyFrom(mac.doFinal(password));
		}
		catch (NoSuchAlgorithmException | InvalidKeyException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** A map that forgets what was not asked for the longest. */
	private static final class Newest extends LinkedHashMap<ByteString, Boolean> {

		private static final long serialVersionUID = 1L;

		Newest() {
			super(16, 0.75f, true);
		}

		@Override
		protected boolean removeEldestEntry(Map.Entry<ByteString, Boolean> eldest) {
			return size() > REMEMBERED_MAX;
		}

	}

}
