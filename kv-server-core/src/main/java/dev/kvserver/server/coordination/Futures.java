package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/** The end of a chain of futures. */
final class Futures {

	private Futures() {
	}

	/** Hands on what becomes of a future; the receiver must not fail. */
	@SuppressWarnings("FutureReturnValueIgnored") // the receiver has all there is to know
	static <T> void onDone(CompletableFuture<T> future, BiConsumer<@Nullable T, @Nullable Throwable> receiver) {
		future.whenComplete(receiver);
	}

}
