package dev.kvserver.conformance.grpc;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import com.google.protobuf.Message;
import io.grpc.Status;

/**
 * What a call came to.
 *
 * @param messages the responses, oldest first; a stream may have some before it fails
 * @param code the gRPC status code
 * @param text the status message, empty when there is none
 */
public record Outcome(List<Message> messages, Status.Code code, String text) {

	static Outcome of(List<Message> messages, Status status) {
		return new Outcome(List.copyOf(messages), status.getCode(), Objects.toString(status.getDescription(), ""));
	}

	/**
	 * A success.
	 * @param messages the responses
	 * @return the outcome
	 */
	public static Outcome ok(List<? extends Message> messages) {
		return new Outcome(List.copyOf(messages), Status.Code.OK, "");
	}

	/**
	 * Whether the call succeeded.
	 * @return whether the code is OK
	 */
	public boolean isOk() {
		return this.code == Status.Code.OK;
	}

	/**
	 * The only response of a call that has one and succeeded.
	 * @return the response
	 */
	public Message message() {
		if (!isOk() || this.messages.size() != 1) {
			throw new AssertionError("One response expected: " + this);
		}
		return this.messages.get(0);
	}

	@Override
	public String toString() {
		String answers = this.messages.stream().map(Texts::oneLine).collect(Collectors.joining(", ", "{", "}"));
		return isOk() ? answers : answers + " " + this.code + " \"" + this.text + "\"";
	}

}
