package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.port.PortException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do when the port cannot be opened.
 */
class PortFailureAnalyzer extends AbstractFailureAnalyzer<PortException> {

	private static final String PROPERTY = "'kv.server.listen.addresses'";

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PortException cause) {
		String message = String.valueOf(cause.getMessage());
		return new FailureAnalysis("The KV server could not open its port: " + message + ".",
				message.contains("in use") ? actionWhenInUse() : actionOtherwise(), cause);
	}

	private static String actionWhenInUse() {
		return "Stop the process that has the port, or set " + PROPERTY
				+ " to another one. With port 0 a free one is taken.";
	}

	private static String actionOtherwise() {
		return "Set " + PROPERTY + " to an address of this machine, or '*' for all of them, "
				+ "and to a port that this user may open. "
				+ "With 'kv.server.grpc.transport=auto' a transport is taken that this machine has.";
	}

}
