package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * A unary call that may wait for others, and lets go of what it holds when its caller
 * leaves.
 *
 * @param <T> the response
 */
abstract class CoordinationCall<T> {

	private static final long SESSION_TTL_SECONDS = 60;

	private final CallerStore store;

	private final OpenCalls calls;

	private volatile boolean cancelled;

	private volatile @Nullable Turn turn;

	CoordinationCall(CallerStore store, OpenCalls calls) {
		this.store = store;
		this.calls = calls;
	}

	/** Starts the call and answers it in the end; on the thread of the handler. */
	final void start(StreamObserver<T> observer) {
		((ServerCallStreamObserver<T>) observer).setOnCancelHandler(this::cancel);
		Futures.onDone(run(), (response, failure) -> {
			if (failure != null) {
				observer.onError(Failures.status(failure));
			}
			else {
				observer.onNext(requireNonNull(response));
				observer.onCompleted();
			}
		});
	}

	abstract CompletableFuture<T> run();

	/**
	 * The lease given, or a new one. As in etcd nobody keeps that alive: who may have to
	 * wait for longer brings a lease of its own.
	 */
	final CompletableFuture<Long> session(long lease) {
		if (lease != 0) {
			return CompletableFuture.completedFuture(lease);
		}
		LeaseGrantRequest grant = LeaseGrantRequest.newBuilder().setTTL(SESSION_TTL_SECONDS).build();
		return this.store.leaseGrant(grant).thenApply((granted) -> granted.getID());
	}

	/** Waits for one's turn, or until the caller leaves or the server stops. */
	final CompletableFuture<Void> await(Turn waiting) {
		this.turn = waiting;
		CompletableFuture<Void> come = waiting.await();
		if (this.cancelled) {
			waiting.cancel();
		}
		Runnable stop = waiting::stop;
		this.calls.add(stop);
		return come.whenComplete((turn, failure) -> this.calls.remove(stop));
	}

	private void cancel() {
		this.cancelled = true;
		Turn waiting = this.turn;
		if (waiting != null) {
			waiting.cancel();
		}
	}

	/**
	 * The outcome, after something was undone if need be; whether that works changes
	 * nothing.
	 */
	static <T> CompletableFuture<T> undoing(CompletableFuture<T> outcome, Predicate<@Nullable Throwable> needed,
			Supplier<CompletableFuture<?>> undo) {
		CompletableFuture<T> result = new CompletableFuture<>();
		Futures.onDone(outcome, (value, failure) -> {
			if (needed.test(failure)) {
				Futures.onDone(undo.get(), (undone, ignored) -> complete(result, value, failure));
			}
			else {
				complete(result, value, failure);
			}
		});
		return result;
	}

	private static <T> void complete(CompletableFuture<T> result, @Nullable T value, @Nullable Throwable failure) {
		if (failure != null) {
			result.completeExceptionally(failure);
		}
		else {
			result.complete(requireNonNull(value));
		}
	}

	final boolean isCancelled() {
		return this.cancelled;
	}

	final CallerStore store() {
		return this.store;
	}

}
