package dev.kvserver.conformance.watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

import dev.kvserver.proto.etcdserverpb.WatchCancelRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchProgressRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;

/**
 * One watch stream and what has arrived on it since it was last taken. One thread sends
 * and waits.
 */
public final class WatchConnection implements AutoCloseable {

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition arrived = this.lock.newCondition();

	private final List<WatchResponse> responses = new ArrayList<>();

	private final ClientCallStreamObserver<WatchRequest> requests;

	private @Nullable Status end;

	/**
	 * Opens a stream.
	 * @param channel where to
	 */
	public WatchConnection(Channel channel) {
		this.requests = (ClientCallStreamObserver<WatchRequest>) WatchGrpc.newStub(channel).watch(new Receiver());
	}

	/**
	 * Asks for a watcher, without waiting.
	 * @param request the watcher
	 */
	public void create(WatchCreateRequest request) {
		this.requests.onNext(WatchRequest.newBuilder().setCreateRequest(request).build());
	}

	/**
	 * Asks for the end of a watcher, without waiting.
	 * @param watchId its id
	 */
	public void cancel(long watchId) {
		WatchCancelRequest cancel = WatchCancelRequest.newBuilder().setWatchId(watchId).build();
		this.requests.onNext(WatchRequest.newBuilder().setCancelRequest(cancel).build());
	}

	/** Asks for progress, without waiting. */
	public void requestProgress() {
		WatchProgressRequest progress = WatchProgressRequest.getDefaultInstance();
		this.requests.onNext(WatchRequest.newBuilder().setProgressRequest(progress).build());
	}

	/**
	 * Sends a request of any content, without waiting.
	 * @param request the request
	 */
	public void send(WatchRequest request) {
		this.requests.onNext(request);
	}

	/** Ends this side of the stream. */
	public void halfClose() {
		this.requests.onCompleted();
	}

	/**
	 * Counts what has arrived and was not taken yet.
	 * @param filter what counts
	 * @return the number
	 */
	public int count(Predicate<WatchResponse> filter) {
		this.lock.lock();
		try {
			return (int) this.responses.stream().filter(filter).count();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Blocks until enough has arrived.
	 * @param filter what counts
	 * @param count how many
	 * @param timeout how long to wait at most
	 * @return the response that made it enough, or null after the timeout or when the
	 * stream has ended before
	 */
	public @Nullable WatchResponse await(Predicate<WatchResponse> filter, int count, Duration timeout) {
		long nanosLeft = timeout.toNanos();
		this.lock.lock();
		try {
			while (true) {
				List<WatchResponse> matches = this.responses.stream().filter(filter).toList();
				if (matches.size() >= count) {
					return matches.get(count - 1);
				}
				if (nanosLeft <= 0 || this.end != null) {
					return null;
				}
				nanosLeft = this.arrived.awaitNanos(nanosLeft);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Blocks until the stream has ended.
	 * @param timeout how long to wait at most
	 * @return its status, or null after the timeout
	 */
	public @Nullable Status awaitEnd(Duration timeout) {
		await((response) -> false, 1, timeout);
		return end();
	}

	/**
	 * How the stream has ended.
	 * @return its status, or null while it is open
	 */
	public @Nullable Status end() {
		this.lock.lock();
		try {
			return this.end;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Takes what has arrived.
	 * @param filter what to take; the rest stays
	 * @return the responses, oldest first
	 */
	public List<WatchResponse> take(Predicate<WatchResponse> filter) {
		this.lock.lock();
		try {
			List<WatchResponse> taken = this.responses.stream().filter(filter).toList();
			this.responses.removeIf(filter);
			return taken;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		this.requests.cancel("The case is over", null);
	}

	private void onEnd(Status status) {
		this.lock.lock();
		try {
			this.end = status;
			this.arrived.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** What the channel's threads call. */
	private final class Receiver implements ClientResponseObserver<WatchRequest, WatchResponse> {

		@Override
		public void beforeStart(ClientCallStreamObserver<WatchRequest> requestStream) {
			// Nothing to set: responses are taken as they come.
		}

		@Override
		public void onNext(WatchResponse response) {
			WatchConnection.this.lock.lock();
			try {
				WatchConnection.this.responses.add(response);
				WatchConnection.this.arrived.signalAll();
			}
			finally {
				WatchConnection.this.lock.unlock();
			}
		}

		@Override
		public void onError(Throwable error) {
			onEnd(Objects.requireNonNull(Status.fromThrowable(error)));
		}

		@Override
		public void onCompleted() {
			onEnd(Status.OK);
		}

	}

}
