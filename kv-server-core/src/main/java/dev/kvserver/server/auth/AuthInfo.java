package dev.kvserver.server.auth;

/**
 * Who asks, and since when that is known.
 *
 * @param user the user's name, empty for nobody and for a certificate without a name
 * @param revision the auth revision at which the identity was established, unsigned; 0
 * for nobody
 */
public record AuthInfo(String user, long revision) {

	/** A caller without credentials. */
	public static final AuthInfo NOBODY = new AuthInfo("", 0);

	/**
	 * The application that embeds the server: user {@code root}, at a revision that is
	 * never old. No token can say so, since the revision is none a store ever reaches.
	 */
	public static final AuthInfo EMBEDDER = new AuthInfo(AuthState.ROOT, -1);

	/**
	 * Whether there are no credentials. A certificate without a name is some: as in etcd
	 * its user has none, and no permissions.
	 * @return {@code true} for nobody
	 */
	public boolean isNobody() {
		return this.revision == 0;
	}

}
