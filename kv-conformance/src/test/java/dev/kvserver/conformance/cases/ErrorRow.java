package dev.kvserver.conformance.cases;

import java.util.function.Function;

import dev.kvserver.conformance.grpc.Outcome;
import io.grpc.Status.Code;
import org.jspecify.annotations.Nullable;

/**
 * A row of the contract's table of errors.
 *
 * @param name the contract's name
 * @param code the code on the wire
 * @param text the exact text
 * @param provoked makes the error happen and returns it, or null if it cannot happen
 * @param reason why it cannot happen on one node that is asked from outside; empty if it
 * can
 */
record ErrorRow(String name, Code code, String text, @Nullable Function<Recorder, Outcome> provoked, String reason) {

	static ErrorRow of(String name, Code code, String text, Function<Recorder, Outcome> provoked) {
		return new ErrorRow(name, code, "etcdserver: " + text, provoked, "");
	}

	static ErrorRow never(String name, Code code, String text, String reason) {
		return new ErrorRow(name, code, "etcdserver: " + text, null, reason);
	}

	@Override
	public String toString() {
		return this.name;
	}

}
