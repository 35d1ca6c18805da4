package dev.kvserver.server.auth;

import org.jspecify.annotations.Nullable;

/**
 * What a caller shows to be known by. Whom that is gets decided for each request anew,
 * because tokens expire and users are deleted while a stream is open.
 */
public final class Credentials {

	/** Nothing shown. */
	public static final Credentials NONE = new Credentials(null, null, false);

	/** The application that embeds the server, which needs no permission. */
	public static final Credentials EMBEDDER = new Credentials(null, null, true);

	private final @Nullable String token;

	private final @Nullable String commonName;

	private final boolean embedder;

	private Credentials(@Nullable String token, @Nullable String commonName, boolean embedder) {
		this.token = token;
		this.commonName = commonName;
		this.embedder = embedder;
	}

	/**
	 * What a remote caller shows.
	 * @param token the token without any prefix, or {@code null}
	 * @param commonName the common name of a verified client certificate, or {@code null}
	 * where certificates are not asked for or the call came through the JSON gateway,
	 * whose certificate is not the caller's
	 * @return the credentials
	 */
	public static Credentials of(@Nullable String token, @Nullable String commonName) {
		return (token == null && commonName == null) ? NONE : new Credentials(token, commonName, false);
	}

	@Nullable String token() {
		return this.token;
	}

	@Nullable String commonName() {
		return this.commonName;
	}

	boolean isEmbedder() {
		return this.embedder;
	}

	/** Says what was shown, never the token itself. */
	@Override
	public String toString() {
		if (this.embedder) {
			return "embedder";
		}
		return (this.token != null) ? "token" : (this.commonName != null) ? "certificate" : "none";
	}

}
