package dev.kvserver.server.rpc;

import java.util.function.Supplier;

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

	/**
	 * Answers something else than what applying a proposal has made.
	 * @param response makes the response, once the proposal was applied
	 */
	static Completion instead(Supplier<Message> response, Completion answer) {
		return new Completion() {
			@Override
			public void done(Message applied) {
				answer.done(response.get());
			}

			@Override
			public void failed(Throwable failure) {
				answer.failed(failure);
			}
		};
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
