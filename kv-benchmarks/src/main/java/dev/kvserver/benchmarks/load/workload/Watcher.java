package dev.kvserver.benchmarks.load.workload;

/** One watcher, and how far it has got. */
final class Watcher {

	private final int number;

	private long lastRevision;

	Watcher(int number, long lastRevision) {
		this.number = number;
		this.lastRevision = lastRevision;
	}

	int number() {
		return this.number;
	}

	/** The revision of the latest event, or the one before the first of interest. */
	long lastRevision() {
		return this.lastRevision;
	}

	void reached(long revision) {
		this.lastRevision = revision;
	}

}
