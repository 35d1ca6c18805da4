package dev.kvserver.server.gateway;

import java.util.Map;

import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import dev.kvserver.server.http.HttpAnswer;
import io.grpc.Status;

/** Turns the status of a call into an HTTP answer (etcd-contract section 4.2). */
final class GatewayErrors {

	private GatewayErrors() {
	}

	static HttpAnswer answer(Status status) {
		HttpAnswer answer = new HttpAnswer(httpStatus(status.getCode()), Map.of("Content-Type", "application/json"),
				ByteString.copyFromUtf8(json(status)));
		return (status.getCode() == Status.Code.UNAUTHENTICATED) ? answer.with("WWW-Authenticate", text(status))
				: answer;
	}

	/** The error as JSON object. */
	static String json(Status status) {
		return "{\"code\":" + status.getCode().value() + ",\"message\":" + new JsonPrimitive(text(status)) + '}';
	}

	private static String text(Status status) {
		String description = status.getDescription();
		return (description != null) ? description : "";
	}

	static int httpStatus(Status.Code code) {
		return switch (code) {
			case OK -> 200;
			case CANCELLED -> 499;
			case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
			case UNAUTHENTICATED -> 401;
			case PERMISSION_DENIED -> 403;
			case NOT_FOUND -> 404;
			case ALREADY_EXISTS, ABORTED -> 409;
			case RESOURCE_EXHAUSTED -> 429;
			case UNIMPLEMENTED -> 501;
			case UNAVAILABLE -> 503;
			case DEADLINE_EXCEEDED -> 504;
			case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
		};
	}

}
