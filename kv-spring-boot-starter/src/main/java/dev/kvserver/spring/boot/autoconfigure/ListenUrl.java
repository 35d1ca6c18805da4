package dev.kvserver.spring.boot.autoconfigure;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kvserver.spring.boot.autoconfigure.KvServerProperties.Tls;

/**
 * Takes the scheme off an address. Whether TLS is spoken is for {@code kv.server.tls} to
 * say, for all addresses alike; a scheme that says otherwise is a mistake.
 *
 * @param scheme the scheme, empty if there is none
 * @param rest the address, or the file of a unix socket
 */
record ListenUrl(String scheme, String rest) {

	private static final Pattern FORM = Pattern.compile("(https?://|unixs?:(?://)?)?(.*)");

	private static final Set<String> SECURE = Set.of("https", "unixs");

	/**
	 * Reads a text.
	 * @param text the text
	 * @param tls the TLS of the server
	 * @throws IllegalArgumentException if the scheme does not go with the server's TLS
	 */
	static ListenUrl parse(String text, Tls tls) {
		Matcher matcher = FORM.matcher(text.strip());
		if (!matcher.matches() || matcher.group(1) == null) {
			return new ListenUrl("", text);
		}
		String scheme = matcher.group(1).replaceAll("[:/]+", "");
		if (SECURE.contains(scheme) && !tls.isWanted()) {
			throw new IllegalArgumentException("For TLS, set 'kv.server.tls.bundle' or 'kv.server.tls.auto'");
		}
		if (!SECURE.contains(scheme) && tls.isWanted() && !tls.plaintextOnSamePort()) {
			throw new IllegalArgumentException(
					"With TLS, 'kv.server.tls.plaintext-on-same-port' is needed for a scheme without it");
		}
		if (matcher.group(2).isEmpty()) {
			throw new IllegalArgumentException("An address is missing behind the scheme");
		}
		return new ListenUrl(scheme, matcher.group(2));
	}

	/** Whether it is a unix socket. */
	boolean isFile() {
		return this.scheme.startsWith("unix");
	}

}
