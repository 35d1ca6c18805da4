package dev.kvserver.server;

import java.util.concurrent.CompletableFuture;

import com.google.protobuf.Message;
import dev.kvserver.server.log.Completion;

/**
 * A completion that is a future.
 *
 * @param <T> the response
 */
final class FutureCompletion<T extends Message> implements Completion {

	private final CompletableFuture<T> future = new CompletableFuture<>();

	private final Class<T> type;

	FutureCompletion(Class<T> type) {
		this.type = type;
	}

	CompletableFuture<T> future() {
		return this.future;
	}

	@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the action
	void onDone(Runnable action) {
		this.future.whenComplete((response, failure) -> action.run());
	}

	@Override
	public void done(Message response) {
		this.future.complete(this.type.cast(response));
	}

	@Override
	public void failed(Throwable failure) {
		this.future.completeExceptionally(failure);
	}

}
