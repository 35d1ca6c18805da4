package dev.kvserver.conformance.process;

/**
 * What is compared with the reference.
 */
public final class Candidates {

	private Candidates() {
	}

	/**
	 * Starts an empty server to be compared: ours, or a second reference with
	 * {@code -Dkv.candidate=etcd}, which shows whether a case is one.
	 * @return the running server
	 */
	public static ServerUnderTest start() {
		return EtcdProcess.startFast(EtcdBinary.reference(), "--watch-progress-notify-interval=100ms");
	}

}
