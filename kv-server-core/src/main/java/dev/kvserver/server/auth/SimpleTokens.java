package dev.kvserver.server.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * etcd's simple tokens: sixteen random letters, a dot, and the place of the login in the
 * log. They live in memory only and until they were not used for a while.
 * <p>
 * Only a digest of each token is kept. So comparing leaks nothing about how much of a
 * guess was right, and a heap dump gives no token away.
 * <p>
 * Time is counted in ticks, so that the apply thread, which notes logins, reads no clock.
 * The number of tokens is bounded: a login too many takes back the oldest, whose user
 * logs in again. Answers to etcd's {@code auth/simple_token.go}.
 */
public final class SimpleTokens implements TokenProvider {

	/** Far more logins than five minutes have in anything but an attack. */
	static final int TOKENS_MAX = 200_000;

	private final ConcurrentHashMap<Digest, Token> tokens = new ConcurrentHashMap<>();

	/** The tokens in the order of their logins, also some that are gone; apply thread. */
	private final Deque<Digest> order = new ArrayDeque<>();

	private final int ttlTicks;

	private final int tokensMax;

	private volatile int now;

	/**
	 * Makes a provider without tokens.
	 * @param ttlSeconds for how long a token may go unused, at least 1
	 */
	public SimpleTokens(int ttlSeconds) {
		this(ttlSeconds, TOKENS_MAX);
	}

	SimpleTokens(int ttlTicks, int tokensMax) {
		this.ttlTicks = ttlTicks;
		this.tokensMax = tokensMax;
	}

	@Override
	public @Nullable AuthInfo find(String token, long revision) {
		Token found = this.tokens.get(Digest.of(token));
		if (found == null) {
			return null;
		}
		found.usedAt = this.now;
		return new AuthInfo(found.user, revision);
	}

	@Override
	public String login(String user, String random, long index) {
		String token = random + "." + Long.toUnsignedString(index);
		Digest digest = Digest.of(token);
		while (this.order.size() >= this.tokensMax) {
			this.tokens.remove(this.order.remove());
		}
		this.order.add(digest);
		this.tokens.put(digest, new Token(user, this.now));
		return token;
	}

	@Override
	public String issue(String user, long revision, String noted) {
		return noted;
	}

	@Override
	public void invalidate(String user) {
		this.tokens.values().removeIf((token) -> token.user.equals(user));
	}

	@Override
	public void invalidateAll() {
		this.tokens.clear();
		this.order.clear();
	}

	@Override
	public void tick() {
		int next = this.now + 1;
		this.now = next;
		this.tokens.values().removeIf((token) -> next - token.usedAt > this.ttlTicks);
	}

	/** How many tokens are valid. */
	int count() {
		return this.tokens.size();
	}

	/** One login. */
	private static final class Token {

		private final String user;

		private volatile int usedAt;

		Token(String user, int usedAt) {
			this.user = user;
			this.usedAt = usedAt;
		}

	}

	/** Half of a SHA-256 sum. */
	private record Digest(long high, long low) {

		static Digest of(String token) {
			try {
				byte[] sum = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
				ByteBuffer bytes = ByteBuffer.wrap(sum);
				return new Digest(bytes.getLong(), bytes.getLong());
			}
			catch (NoSuchAlgorithmException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
