package dev.kvserver.server.loop;

/**
 * Two agents on one thread, taking turns: the second sees at once what the first has
 * made.
 */
public final class TurnAgent implements Agent {

	private final Agent first;

	private final Agent second;

	/**
	 * Joins two agents.
	 * @param first works first in each turn
	 * @param second works after it
	 */
	public TurnAgent(Agent first, Agent second) {
		this.first = first;
		this.second = second;
	}

	@Override
	public int doWork() throws Exception {
		int done = this.first.doWork();
		return done + this.second.doWork();
	}

	@Override
	public long idleNanos() {
		return Math.min(this.first.idleNanos(), this.second.idleNanos());
	}

	@Override
	public void onClose() {
		this.first.onClose();
		this.second.onClose();
	}

}
