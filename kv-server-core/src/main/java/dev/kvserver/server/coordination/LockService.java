package dev.kvserver.server.coordination;

import java.util.function.Supplier;

import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.LockResponse;
import dev.kvserver.proto.v3lockpb.UnlockRequest;
import dev.kvserver.proto.v3lockpb.UnlockResponse;
import io.grpc.stub.StreamObserver;

import static java.util.Objects.requireNonNull;

/** {@code v3lockpb.Lock}. */
public final class LockService extends LockGrpc.LockImplBase {

	private final Supplier<CallerStore> stores;

	private final OpenCalls calls = new OpenCalls();

	/**
	 * Makes the service.
	 * @param stores the store with the rights of the present caller; asked when a call
	 * begins
	 */
	public LockService(Supplier<CallerStore> stores) {
		this.stores = stores;
	}

	/**
	 * Ends all calls that wait with {@code STOPPED}, those to come included. Any thread.
	 */
	public void drain() {
		this.calls.drain();
	}

	@Override
	public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
		new LockCall(this.stores.get(), this.calls, request).start(observer);
	}

	@Override
	public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> observer) {
		DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(request.getKey()).build();
		Futures.onDone(this.stores.get().deleteRange(delete), (deleted, failure) -> {
			if (deleted == null) {
				observer.onError(Failures.status(requireNonNull(failure)));
			}
			else {
				observer.onNext(UnlockResponse.newBuilder().setHeader(deleted.getHeader()).build());
				observer.onCompleted();
			}
		});
	}

}
