package dev.kvserver.server.coordination;

/** An election or a lock is not as the caller thinks. Stackless: it is an answer. */
final class CoordinationException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	CoordinationException(String message) {
		super(message, null, false, false);
	}

	static CoordinationException notLeader() {
		return new CoordinationException("election: not leader");
	}

	static CoordinationException noLeader() {
		return new CoordinationException("election: no leader");
	}

	static CoordinationException noLeaderKey() {
		return new CoordinationException("\"leader\" field must be provided");
	}

	static CoordinationException expired() {
		return new CoordinationException("mutex: session is expired");
	}

}
