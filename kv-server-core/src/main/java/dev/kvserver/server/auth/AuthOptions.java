package dev.kvserver.server.auth;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How callers are known once auth is enabled.
 *
 * @param token what a login gives, as in etcd's {@code --auth-token}: {@code simple}, or
 * {@code jwt} with the options {@code sign-method}, {@code priv-key}, {@code pub-key} and
 * {@code ttl}, separated by commas
 * @param tokenTtl for how long a simple token may go unused, at least a second
 * @param bcryptCost how much work a password is, 4 to 31
 */
public record AuthOptions(String token, Duration tokenTtl, int bcryptCost) {

	/** etcd's defaults. */
	public static final AuthOptions DEFAULTS = new AuthOptions("simple", Duration.ofMinutes(5), 10);

	/**
	 * Checks every value but the key files, which {@link #tokenProvider} reads.
	 */
	public AuthOptions {
		String type = token.split(",", -1)[0];
		if (!type.equals("jwt") && !token.equals("simple")) {
			throw new IllegalArgumentException("auth.token: " + type + " (expected: simple or jwt,...)");
		}
		if (tokenTtl.toSeconds() < 1 || tokenTtl.toSeconds() > Integer.MAX_VALUE / 2) {
			throw new IllegalArgumentException("auth.tokenTtl: " + tokenTtl + " (expected: a second or more)");
		}
		if (bcryptCost < 4 || bcryptCost > 31) {
			throw new IllegalArgumentException("auth.bcryptCost: " + bcryptCost + " (expected: 4 to 31)");
		}
	}

	/**
	 * Makes what gives out tokens.
	 * @param epochSeconds the wall clock, for JSON web tokens; read by callers, never by
	 * the apply thread
	 * @return the provider
	 * @throws IllegalArgumentException if an option of {@code jwt} is wrong or a key file
	 * cannot be read
	 */
	public TokenProvider tokenProvider(LongSupplier epochSeconds) {
		if (this.token.equals("simple")) {
			return new SimpleTokens((int) this.tokenTtl.toSeconds());
		}
		List<String> parts = List.of(this.token.split(",", -1));
		return new JwtTokens(JwtOptions.parse(parts.subList(1, parts.size())), epochSeconds);
	}

}
