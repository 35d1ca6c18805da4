package dev.kvserver.server.storage;

/**
 * The machine went off in the middle of a disk call. An error, so that nobody takes it
 * for a failure to be handled.
 */
public final class SimulatedCrash extends Error {

	private static final long serialVersionUID = 1L;

	SimulatedCrash(String during) {
		super("crash during " + during, null, false, false);
	}

}
