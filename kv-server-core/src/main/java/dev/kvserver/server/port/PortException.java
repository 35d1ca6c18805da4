package dev.kvserver.server.port;

import org.jspecify.annotations.Nullable;

/**
 * The port could not be opened. The message names the address and the reason, so that it
 * can be shown to whoever started the server.
 */
public final class PortException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	PortException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

	/** With the innermost reason, which the network's exceptions hide. */
	static PortException of(String message, Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null) {
			cause = cause.getCause();
		}
		String reason = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getSimpleName();
		return new PortException(message + ": " + reason, failure);
	}

}
