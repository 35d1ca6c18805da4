package dev.kvserver.server.coordination;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What callers are told: etcd runs these services as a client of its own and passes the
 * texts of errors on, but not their codes.
 */
final class Failures {

	private static final Logger logger = LoggerFactory.getLogger(Failures.class);

	private Failures() {
	}

	static StatusRuntimeException status(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (cause instanceof EtcdException refusal) {
			return ((refusal.error() == EtcdError.STOPPED) ? EtcdError.STOPPED.status()
					: Status.UNKNOWN.withDescription(refusal.getMessage()))
				.asRuntimeException();
		}
		if (cause instanceof CancellationException) {
			return Status.CANCELLED.withDescription(cause.getMessage()).asRuntimeException();
		}
		if (!(cause instanceof CoordinationException)) {
			logger.error("A request failed", cause);
		}
		return Status.UNKNOWN.withDescription(cause.getMessage()).asRuntimeException();
	}

}
