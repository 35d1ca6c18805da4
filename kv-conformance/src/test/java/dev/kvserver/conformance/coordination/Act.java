package dev.kvserver.conformance.coordination;

import dev.kvserver.proto.v3electionpb.LeaderKey;
import org.jspecify.annotations.Nullable;

/**
 * One thing that somebody does in a history of elections and locks. What has a client is
 * done on that client's own connection and may be under way for long.
 */
sealed interface Act {

	/** Grants a lease. */
	record Grant(long lease) implements Act {

	}

	/** Revokes a lease, as its expiry would. */
	record Revoke(long lease) implements Act {

	}

	/** Enters a lock. */
	record Lock(int client, String name, long lease) implements Act {

	}

	/** Deletes a lock's key. */
	record Unlock(String key) implements Act {

	}

	/** Enters an election. */
	record Campaign(int client, String name, long lease, String value) implements Act {

	}

	/** Sets a leader's value; without a leader this is an error. */
	record Proclaim(@Nullable LeaderKey leader, String value) implements Act {

	}

	/** Leaves an election; without a leader this is an error. */
	record Resign(@Nullable LeaderKey leader) implements Act {

	}

	/** Asks for the leader. */
	record Leader(String name) implements Act {

	}

	/** Follows the leaders. */
	record Observe(int client, String name) implements Act {

	}

	/** Cancels what a client has under way. */
	record Cancel(int client) implements Act {

	}

	/** Closes the connection on which a client has something under way. */
	record Drop(int client) implements Act {

	}

}
