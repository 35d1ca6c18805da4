package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;

import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeStreamResponse;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.ReadBarrier;
import dev.kvserver.server.mvcc.MvccStore;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Starts the RangeStream calls (etcd-contract section 2.4).
 */
public final class RangeStreams {

	private static final Status NO_SORT = Status.UNIMPLEMENTED
		.withDescription("RangeStream does not support custom sort orders");

	private static final Status NO_FILTERS = Status.UNIMPLEMENTED
		.withDescription("RangeStream does not support revision filters");

	private final MvccStore store;

	private final ReadBarrier barrier;

	private final ResponseHeaders headers;

	private final Executor readers;

	private final int chunkBytes;

	private final Access access;

	/**
	 * Joins the parts.
	 * @param store the store to read
	 * @param barrier what a linearizable read waits for
	 * @param headers fills response headers
	 * @param readers reads all chunks
	 * @param requestBytesMax the request size limit, which chunks aim at
	 * @param access asks about callers
	 */
	public RangeStreams(MvccStore store, ReadBarrier barrier, ResponseHeaders headers, Executor readers,
			int requestBytesMax, Access access) {
		this.store = store;
		this.barrier = barrier;
		this.headers = headers;
		this.readers = readers;
		this.chunkBytes = requestBytesMax;
		this.access = access;
	}

	void start(RangeRequest request, ServerCallStreamObserver<RangeStreamResponse> observer) {
		try {
			this.barrier.requireOpen();
			RequestChecks.check(request);
		}
		catch (EtcdException ex) {
			observer.onError(Statuses.of(ex));
			return;
		}
		Status unsupported = unsupported(request);
		if (unsupported != null) {
			observer.onError(unsupported.asRuntimeException());
			return;
		}
		RangeStream stream = new RangeStream(this.store, this.headers, this.readers, this.chunkBytes, request, observer,
				this.access);
		observer.setOnReadyHandler(stream::onReady);
		observer.setOnCancelHandler(stream::onCancel);
		if (request.getSerializable()) {
			stream.ready();
		}
		else {
			this.barrier.await(stream);
		}
	}

	private static @Nullable Status unsupported(RangeRequest request) {
		boolean keyOrder = request.getSortOrder() == RangeRequest.SortOrder.ASCEND
				&& request.getSortTarget() == RangeRequest.SortTarget.KEY;
		if (request.getSortOrder() != RangeRequest.SortOrder.NONE && !keyOrder) {
			return NO_SORT;
		}
		boolean filtered = request.getMinModRevision() != 0 || request.getMaxModRevision() != 0
				|| request.getMinCreateRevision() != 0 || request.getMaxCreateRevision() != 0;
		return filtered ? NO_FILTERS : null;
	}

}
