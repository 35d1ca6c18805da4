package dev.kvserver.server.watch;

import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the caller of one stream may read a range. Asked once per watcher, when
 * it is created, and never again (etcd-contract section 2.9).
 */
public interface WatchAuthorizer {

	/** Allows everything. */
	WatchAuthorizer ALLOW_ALL = (range) -> null;

	/**
	 * Checks the permission to read a range. Called on the watch thread; must not block.
	 * @param range what a watcher is to be created on
	 * @return the {@code cancel_reason} of the refusal, which is a full gRPC error text,
	 * or {@code null} if it is allowed
	 */
	@Nullable String refusal(KeyRange range);

}
