package dev.kvserver.server.auth;

import org.jspecify.annotations.Nullable;

/**
 * Gives out the tokens that callers show instead of a password, and knows them again.
 */
public sealed interface TokenProvider permits SimpleTokens, JwtTokens {

	/**
	 * Whom a token was given to. Any thread; does not block.
	 * @param token what a caller shows
	 * @param revision the current auth revision
	 * @return the user and the revision that its permissions are judged by, or
	 * {@code null} if nobody was given this token or its time is over
	 */
	@Nullable AuthInfo find(String token, long revision);

	/**
	 * Notes that a logged login took place. Apply thread, on every member.
	 * @param user who has logged in
	 * @param random the random part, chosen before the login was logged
	 * @param index the login's place in the log
	 * @return what {@link #issue} needs; possibly empty
	 */
	String login(String user, String random, long index);

	/**
	 * Makes the token that the client gets. Any thread but the apply thread; may take a
	 * millisecond.
	 * @param user who has logged in
	 * @param revision the auth revision at which the password was right
	 * @param noted what {@link #login} has answered
	 * @return the token
	 * @throws dev.kvserver.server.error.EtcdException {@code TOKEN_VERIFY_ONLY}
	 */
	String issue(String user, long revision, String noted);

	/**
	 * Takes the tokens of a user back, where that is possible. Apply thread.
	 * @param user the user
	 */
	void invalidate(String user);

	/** Takes all tokens back, where that is possible. Apply thread. */
	void invalidateAll();

	/**
	 * Makes tokens that were not used for long invalid. To be called once a second by one
	 * thread.
	 */
	void tick();

}
