package dev.kvserver.server.rpc;

import com.google.protobuf.Message;
import dev.kvserver.server.log.Completion;
import io.grpc.stub.StreamObserver;

/**
 * Brings what became of a proposal to the caller of a unary method.
 *
 * @param <T> the method's response
 */
final class Answer<T extends Message> implements Completion {

	private final StreamObserver<T> caller;

	Answer(StreamObserver<T> caller) {
		this.caller = caller;
	}

	@Override
	@SuppressWarnings("unchecked") // applying a request makes that request's response
	public void done(Message response) {
		this.caller.onNext((T) response);
		this.caller.onCompleted();
	}

	@Override
	public void failed(Throwable failure) {
		this.caller.onError(Statuses.of(failure));
	}

}
