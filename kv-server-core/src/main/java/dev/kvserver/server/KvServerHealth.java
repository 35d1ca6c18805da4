package dev.kvserver.server;

/**
 * Whether a server can serve.
 *
 * @param up {@code false} once a loop or the disk has failed: every write is then refused
 * @param reason what has failed, empty when {@code up}
 */
public record KvServerHealth(boolean up, String reason) {

	static final KvServerHealth UP = new KvServerHealth(true, "");

}
