package dev.kvserver.server.rpc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import com.google.protobuf.Message;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.LocalReadBarrier;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AttemptTests {

	private final Told told = new Told();

	@Test
	void whateverAStepThrowsIsTold() {
		for (RuntimeException failure : List.of(EtcdError.NO_SPACE.exception(), new IllegalStateException("x"))) {
			Runnable step = () -> {
				throw failure;
			};
			Attempt.now(this.told, step);
			Attempt.on(Runnable::run, this.told, step);
			new LocalReadBarrier().await(Attempt.behind(this.told, step));
			assertThat(this.told.failures).containsExactly(failure, failure, failure);
			this.told.failures.clear();
		}
	}

	@Test
	void aStepTooManyIsRefused() {
		Attempt.on((task) -> {
			throw new RejectedExecutionException();
		}, this.told, () -> {
		});
		assertThat(this.told.failures).containsExactly(EtcdError.TOO_MANY_REQUESTS.exception());
	}

	@Test
	void whatTheBarrierCannotMakeCertainIsTold() {
		IllegalStateException failure = new IllegalStateException("no leader");
		Attempt.behind(this.told, () -> this.told.failures.add(new AssertionError("taken"))).failed(failure);
		assertThat(this.told.failures).containsExactly(failure);
	}

	/** Keeps the failures. */
	private static final class Told implements Completion {

		private final List<Throwable> failures = new ArrayList<>();

		@Override
		public void done(Message response) {
			throw new AssertionError("done: " + response);
		}

		@Override
		public void failed(Throwable failure) {
			this.failures.add(failure);
		}

	}

}
