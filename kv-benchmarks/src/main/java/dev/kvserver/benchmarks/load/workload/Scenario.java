package dev.kvserver.benchmarks.load.workload;

/** What a workload does, from preparing to the last check. */
interface Scenario {

	/** Runs it; the thread that calls may wait. */
	void run(Bench bench);

}
