package dev.kvserver.server.rpc;

import java.util.function.Consumer;

import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.loop.Clock;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One LeaseKeepAlive call: an answer per request, in order.
 * <p>
 * A request is taken in only when the one before is answered and the client takes
 * answers, so a stream holds one request at most, whatever the client sends, and the
 * order keeps itself. The renewal of a lease that has expired is answered when the lease
 * is gone; no thread waits for that.
 * <p>
 * The call's own thread, the lease thread with a late answer and a drain meet here; the
 * lock keeps the state and what is sent together. Nothing in it blocks.
 */
final class KeepAliveStream implements StreamObserver<LeaseKeepAliveRequest> {

	private final Lessor lessor;

	private final ResponseHeaders headers;

	private final Clock clock;

	private final ServerCallStreamObserver<LeaseKeepAliveResponse> responses;

	private final Consumer<KeepAliveStream> onEnd;

	private final Access access;

	private final Credentials credentials;

	/** Whether a request is on its way in, or taken and not answered. */
	private boolean busy;

	private boolean answering;

	private boolean halfClosed;

	private boolean ended;

	/** The request that waits for its lease to be gone. */
	private @Nullable LateAnswer late;

	KeepAliveStream(Lessor lessor, ResponseHeaders headers, Clock clock,
			ServerCallStreamObserver<LeaseKeepAliveResponse> responses, Consumer<KeepAliveStream> onEnd,
			Access access) {
		this.lessor = lessor;
		this.headers = headers;
		this.clock = clock;
		this.responses = responses;
		this.onEnd = onEnd;
		this.access = access;
		this.credentials = AuthInterceptor.credentials();
	}

	/** Asks for the first request. Within the call of the method. */
	void open() {
		this.responses.disableAutoRequest();
		this.responses.setOnReadyHandler(this::takeNext);
		this.responses.setOnCancelHandler(this::end);
		this.busy = true;
		this.responses.request(1);
	}

	@Override
	public void onNext(LeaseKeepAliveRequest request) {
		// Before the renewal: it may take until the lease is gone (section 2.10).
		ResponseHeader header = this.headers.current();
		try {
			this.access.checkRenew(this.credentials, this.lessor.find(request.getID()));
		}
		catch (EtcdException ex) {
			refuse(ex);
			return;
		}
		LateAnswer lateAnswer = taken(request.getID(), header);
		if (lateAnswer == null) {
			return;
		}
		long ttl = this.lessor.renew(request.getID(), this.clock.nanoTime(), lateAnswer);
		if (ttl != Lessor.EXPIRING) {
			answer(request.getID(), header, ttl);
		}
	}

	@Override
	public synchronized void onCompleted() {
		this.halfClosed = true;
		if (!this.answering) {
			complete();
		}
	}

	@Override
	public void onError(Throwable cancelled) {
		end();
	}

	synchronized void drain() {
		if (!this.ended) {
			end();
			this.responses.onError(Statuses.of(EtcdError.STOPPED.exception()));
		}
	}

	private synchronized void refuse(EtcdException refusal) {
		if (!this.ended) {
			end();
			this.responses.onError(Statuses.of(refusal));
		}
	}

	private synchronized @Nullable LateAnswer taken(long id, ResponseHeader header) {
		if (this.ended) {
			return null;
		}
		LateAnswer lateAnswer = new LateAnswer(this, id, header);
		this.answering = true;
		this.late = lateAnswer;
		return lateAnswer;
	}

	private synchronized void answer(long id, ResponseHeader header, long ttl) {
		if (this.ended) {
			return;
		}
		this.answering = false;
		this.late = null;
		this.busy = false;
		this.responses.onNext(LeaseKeepAliveResponse.newBuilder().setHeader(header).setID(id).setTTL(ttl).build());
		if (this.halfClosed) {
			complete();
		}
		else {
			takeNext();
		}
	}

	private synchronized void takeNext() {
		if (!this.busy && !this.ended && this.responses.isReady()) {
			this.busy = true;
			this.responses.request(1);
		}
	}

	private void complete() {
		if (!this.ended) {
			end();
			this.responses.onCompleted();
		}
	}

	private synchronized void end() {
		this.ended = true;
		if (this.late != null) {
			this.late.stream = null;
		}
		this.onEnd.accept(this);
	}

	/**
	 * Answers when the lease is gone. It forgets the stream when that ends first: the
	 * lease must not keep every client that gave up waiting for it.
	 */
	private static final class LateAnswer implements Runnable {

		private final long id;

		private final ResponseHeader header;

		private volatile @Nullable KeepAliveStream stream;

		LateAnswer(KeepAliveStream stream, long id, ResponseHeader header) {
			this.stream = stream;
			this.id = id;
			this.header = header;
		}

		@Override
		public void run() {
			KeepAliveStream waiting = this.stream;
			if (waiting != null) {
				waiting.answer(this.id, this.header, 0);
			}
		}

	}

}
