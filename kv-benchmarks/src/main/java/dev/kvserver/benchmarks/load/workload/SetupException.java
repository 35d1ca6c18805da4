package dev.kvserver.benchmarks.load.workload;

/**
 * What is needed for a measurement could not be prepared.
 */
public final class SetupException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/**
	 * Makes the exception.
	 * @param message what went wrong
	 */
	public SetupException(String message) {
		super(message);
	}

}
