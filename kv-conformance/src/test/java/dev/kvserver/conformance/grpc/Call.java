package dev.kvserver.conformance.grpc;

import java.util.List;
import java.util.stream.Collectors;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;

/**
 * One call of any kind: all requests are sent at once, then the client half-closes.
 *
 * @param method the method
 * @param requests one request, or several for a client stream
 */
public record Call(MethodDescriptor<?, ?> method, List<Message> requests) {

	/**
	 * A call with one request.
	 * @param <T> the type of the request
	 * @param method the method
	 * @param request its request
	 * @return the call
	 */
	public static <T extends Message> Call of(MethodDescriptor<T, ?> method, T request) {
		return new Call(method, List.of(request));
	}

	/**
	 * The only request of a call that has one.
	 * @return the request
	 */
	public Message request() {
		return this.requests.get(0);
	}

	@Override
	public String toString() {
		return this.method.getBareMethodName()
				+ this.requests.stream().map(Texts::oneLine).collect(Collectors.joining(", ", "{", "}"));
	}

}
