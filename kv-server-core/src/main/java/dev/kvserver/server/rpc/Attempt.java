package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.ReadBarrier;

/** Takes a step of a request; whatever it throws is what the caller is told. */
final class Attempt {

	private Attempt() {
	}

	/** Takes the step on this thread. */
	static void now(Completion completion, Runnable step) {
		try {
			step.run();
		}
		catch (RuntimeException ex) {
			completion.failed(ex);
		}
	}

	/** Takes the step on another thread, which may be one too many to ask for. */
	static void on(Executor executor, Completion completion, Runnable step) {
		try {
			executor.execute(() -> now(completion, step));
		}
		catch (RejectedExecutionException ex) {
			completion.failed(EtcdError.TOO_MANY_REQUESTS.exception());
		}
	}

	/** Takes the step when the read barrier lets it. */
	static ReadBarrier.Reader behind(Completion completion, Runnable step) {
		return new ReadBarrier.Reader() {

			@Override
			public void ready() {
				now(completion, step);
			}

			@Override
			public void failed(Throwable failure) {
				completion.failed(failure);
			}

		};
	}

}
