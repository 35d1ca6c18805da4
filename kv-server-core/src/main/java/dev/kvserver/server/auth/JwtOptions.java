package dev.kvserver.server.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code --auth-token=jwt,...} of etcd says.
 *
 * @param algorithm how tokens are signed
 * @param keys with what
 * @param ttl for how long a token is valid
 */
record JwtOptions(JwtAlgorithm algorithm, JwtKeys keys, Duration ttl) {

	private static final Duration TTL_DEFAULT = Duration.ofMinutes(5);

	private static final List<String> KNOWN = List.of("sign-method", "pub-key", "priv-key", "ttl");

	/**
	 * Reads options and the key files they name.
	 * @param options such as {@code sign-method=RS256}, in any order
	 * @throws IllegalArgumentException if they are wrong; the message names the option
	 * and never holds a key
	 */
	static JwtOptions parse(List<String> options) {
		Map<String, String> values = new HashMap<>();
		for (String option : options) {
			String[] pair = option.split("=", -1);
			if (pair.length != 2 || values.put(pair[0], pair[1]) != null) {
				throw wrong(pair[0], "name=value, once");
			}
			if (!KNOWN.contains(pair[0])) {
				throw wrong(pair[0], "one of " + KNOWN);
			}
		}
		JwtAlgorithm algorithm = JwtAlgorithm.of(values.getOrDefault("sign-method", ""));
		return new JwtOptions(algorithm, keys(algorithm, values), ttl(values.getOrDefault("ttl", "")));
	}

	private static JwtKeys keys(JwtAlgorithm algorithm, Map<String, String> values) {
		byte[] privateKey = read("priv-key", values);
		byte[] publicKey = read("pub-key", values);
		if (privateKey.length == 0 && (publicKey.length == 0 || algorithm.isHmac())) {
			throw wrong(algorithm.isHmac() ? "priv-key" : "pub-key", "a key");
		}
		return JwtKeys.of(algorithm, privateKey, publicKey);
	}

	private static byte[] read(String option, Map<String, String> values) {
		String file = values.getOrDefault(option, "");
		if (file.isEmpty()) {
			return new byte[0];
		}
		try {
			return Files.readAllBytes(Path.of(file));
		}
		catch (IOException | InvalidPathException ex) {
			throw new IllegalArgumentException("auth.token " + option + ": " + file + " (expected: a readable file)",
					ex);
		}
	}

	private static Duration ttl(String text) {
		if (text.isEmpty()) {
			return TTL_DEFAULT;
		}
		try {
			Duration ttl = Duration.parse("PT" + text);
			if (!ttl.isNegative() && !ttl.isZero()) {
				return ttl;
			}
		}
		catch (java.time.format.DateTimeParseException ex) {
			// Answered below.
		}
		throw wrong("ttl", "a duration such as 5m or 1h30m");
	}

	private static IllegalArgumentException wrong(String option, String expected) {
		return new IllegalArgumentException("auth.token " + option + " (expected: " + expected + ")");
	}

}
