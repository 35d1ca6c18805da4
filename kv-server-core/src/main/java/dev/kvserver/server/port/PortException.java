package dev.kvserver.server.port;

/**
 * The port could not be opened. The message names the address and the reason, so that it
 * can be shown to whoever started the server.
 */
public final class PortException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	PortException(String message, Throwable cause) {
		super(message, cause);
	}

}
