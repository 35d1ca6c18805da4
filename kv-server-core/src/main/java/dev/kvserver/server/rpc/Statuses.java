package dev.kvserver.server.rpc;

import java.util.EnumMap;
import java.util.Map;

import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.util.Objects.requireNonNull;

/**
 * The one place where a failure becomes a gRPC status.
 */
final class Statuses {

	private static final Logger logger = LoggerFactory.getLogger(Statuses.class);

	private static final Map<EtcdError, Refusal> REFUSALS = new EnumMap<>(EtcdError.class);

	static {
		for (EtcdError error : EtcdError.values()) {
			REFUSALS.put(error, new Refusal(error.status()));
		}
	}

	private Statuses() {
	}

	/**
	 * What the caller of a method gets. Anything that is not etcd's error is a failure of
	 * ours: it is logged here, and the caller gets code UNKNOWN and its message, as etcd
	 * answers an error it has no code for.
	 * @param failure why there is no answer
	 * @return the status to end the call with
	 */
	static StatusRuntimeException of(Throwable failure) {
		if (failure instanceof EtcdException refused) {
			return requireNonNull(REFUSALS.get(refused.error()));
		}
		logger.error("A request failed", failure);
		String message = failure.getMessage();
		return new Refusal(Status.UNKNOWN.withDescription((message != null) ? message : failure.toString()));
	}

	/** Without a stack trace: it only carries the status to gRPC. */
	private static final class Refusal extends StatusRuntimeException {

		private static final long serialVersionUID = 1L;

		Refusal(Status status) {
			super(status);
		}

		@Override
		public Throwable fillInStackTrace() {
			return this;
		}

	}

}
