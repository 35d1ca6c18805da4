package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RangeStreamResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.ReadBarrier;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.RangeChunk;
import dev.kvserver.server.mvcc.StoreView;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * One RangeStream call: reads chunk after chunk of one pinned view, and only while the
 * client takes them, so that a slow client costs a position and not memory. The number of
 * keys in a chunk adapts to their size, as in etcd: from 10, doubling while a chunk is
 * small, halving when it is large. A negative limit is none, and is answered in one
 * chunk, also as in etcd.
 */
final class RangeStream implements ReadBarrier.Reader {

	private static final int FIRST_CHUNK_KEYS = 10;

	private static final ByteString ZERO = ByteString.copyFrom(new byte[] { 0 });

	private final MvccStore store;

	private final ResponseHeaders headers;

	private final Executor readers;

	private final int chunkBytes;

	private final ServerCallStreamObserver<RangeStreamResponse> observer;

	private final RangeRequest request;

	private final Access access;

	private final Credentials credentials;

	private AuthInfo caller = AuthInfo.NOBODY;

	/** Held by whoever sends: onReady may come while a chunk is being read. */
	private final AtomicBoolean sending = new AtomicBoolean(true);

	private volatile boolean ended;

	private @Nullable StoreView pinned;

	private ByteString position;

	private long sent;

	private long chunkKeys = FIRST_CHUNK_KEYS;

	RangeStream(MvccStore store, ResponseHeaders headers, Executor readers, int chunkBytes, RangeRequest request,
			ServerCallStreamObserver<RangeStreamResponse> observer, Access access) {
		this.store = store;
		this.headers = headers;
		this.readers = readers;
		this.chunkBytes = chunkBytes;
		this.request = request;
		this.access = access;
		this.credentials = access.ofCall();
		this.observer = observer;
		this.position = request.getKey();
	}

	/** Pins the view; everything is read by the reader pool. */
	@Override
	public void ready() {
		try {
			this.caller = this.access.checkRead(this.credentials, this.request);
		}
		catch (EtcdException ex) {
			failed(ex);
			return;
		}
		this.pinned = this.store.view();
		readLater(this::sendFirst);
	}

	private void readLater(Runnable read) {
		try {
			this.readers.execute(read);
		}
		catch (RejectedExecutionException ex) {
			failed(EtcdError.TOO_MANY_REQUESTS.exception());
		}
	}

	private void sendFirst() {
		try {
			if (this.request.getCountOnly()) {
				RangeResponse counted = timed(() -> this.store.range(this.request)).build();
				send(RangeResponse.newBuilder()
					.setHeader(this.headers.complete(counted.getHeader().toBuilder()))
					.setCount(counted.getCount()));
				end();
				return;
			}
			sendChunk(requireNonNull(this.pinned));
		}
		catch (RuntimeException ex) {
			failed(ex);
			return;
		}
		this.sending.set(false);
		onReady();
	}

	void onCancel() {
		this.ended = true;
	}

	void onReady() {
		if (!this.ended && this.observer.isReady() && this.sending.compareAndSet(false, true)) {
			readLater(this::sendWhileReady);
		}
	}

	private void sendWhileReady() {
		StoreView view = this.pinned;
		try {
			while (view != null && !this.ended && this.observer.isReady()) {
				sendChunk(view);
			}
		}
		catch (RuntimeException ex) {
			failed(ex);
			return;
		}
		this.sending.set(false);
		onReady();
	}

	private void sendChunk(StoreView view) {
		long limit = this.request.getLimit();
		long left = (limit > 0) ? limit - this.sent : Long.MAX_VALUE;
		RangeRequest next = this.request.toBuilder()
			.setKey(this.position)
			.setLimit((limit < 0) ? limit : Math.min(this.chunkKeys, left))
			.build();
		RangeChunk chunk = timed(() -> this.store.chunk(view, next));
		RangeResponse.Builder response = chunk.response();
		this.sent += response.getKvsCount();
		boolean last = !response.getMore() || left <= this.chunkKeys;
		if (last) {
			response.setHeader(this.headers.complete(ResponseHeader.newBuilder().setRevision(view.revision())));
			response.setCount(this.sent + countBehind(chunk));
		}
		else {
			response.clearMore();
			this.position = response.getKvs(response.getKvsCount() - 1).getKey().concat(ZERO);
		}
		int size = send(response);
		if (last) {
			end();
		}
		else if (size < this.chunkBytes / 2) {
			this.chunkKeys *= 2;
		}
		else if (size > 2 * this.chunkBytes) {
			this.chunkKeys = Math.max(1, this.chunkKeys / 2);
		}
	}

	/** For etcd a range of its own. */
	private long countBehind(RangeChunk chunk) {
		if (!chunk.response().getMore()) {
			return 0;
		}
		this.store.metrics().operations().ranges().increment();
		return timed(chunk::countBehind);
	}

	private <T> T timed(Supplier<T> read) {
		long begin = Histogram.begin();
		try {
			T made = read.get();
			this.store.metrics().ranges().of(0, true).end(begin);
			return made;
		}
		catch (RuntimeException ex) {
			this.store.metrics().ranges().of(0, false).end(begin);
			throw ex;
		}
	}

	private int send(RangeResponse.Builder response) {
		RangeStreamResponse message = RangeStreamResponse.newBuilder().setRangeResponse(response).build();
		this.observer.onNext(message);
		return message.getSerializedSize();
	}

	/** What was sent counts only if the caller may still have it, as in etcd. */
	private void end() {
		this.access.checkUnchanged(this.caller);
		this.ended = true;
		this.observer.onCompleted();
	}

	@Override
	public void failed(Throwable failure) {
		if (!this.ended) {
			this.ended = true;
			this.observer.onError(Statuses.of(failure));
		}
	}

}
