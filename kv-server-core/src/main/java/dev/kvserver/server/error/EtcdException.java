package dev.kvserver.server.error;

/**
 * A client's mistake or a state of the server that the client is told about. Without a
 * stack trace: it is an answer, not a fault.
 */
public final class EtcdException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final EtcdError error;

	private final String text;

	EtcdException(EtcdError error, String text) {
		super(text, null, false, false);
		this.error = error;
		this.text = text;
	}

	/**
	 * Which error this is.
	 * @return the error
	 */
	public EtcdError error() {
		return this.error;
	}

	String text() {
		return this.text;
	}

}
